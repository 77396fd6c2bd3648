-- Measures of posts published from {posts_from} on; where nobody knows when that was, there are none.
-- Posts that were seen first before {whole_from} keep the row they have: some of their samples are there no more.
-- A row is written where it differs from what is there; with {anew} always.
-- Parameters: accounts Array(String), posts_from and whole_from DateTime64(3, 'UTC'), anew Bool.
-- Half-life as bitly defined it (blog.bitly.com, 2011): after the peak, the time until half of what was still to come
-- has come. A post has settled when it is seven days old and gained less than 1 % in the last three of them.
INSERT INTO weibo_store.post_measures
WITH
    published AS
    (
        SELECT r.account_id AS account_id, r.post_id AS post_id, assumeNotNull(max(r.created_at)) AS published_at
        FROM weibo_store.post_latest AS r
        WHERE r.account_id IN {accounts:Array(String)}
        GROUP BY r.account_id, r.post_id
        HAVING isNotNull(max(r.created_at)) AND min(r.first_observed_at) >= {whole_from:DateTime64(3, 'UTC')}
    ),
    posts AS
    (
        SELECT * FROM published WHERE published_at >= {posts_from:DateTime64(3, 'UTC')}
    ),
    texts AS
    (
        SELECT
            account_id,
            post_id,
            argMax((kind, format, topics, text), (ifNull(edit_count, 0), NOT text_truncated, observed_at, kafka_offset)) AS said,
            uniqExact(content_version) AS versions,
            max(observed_at) AS seen_at
        FROM weibo_store.post_versions
        WHERE account_id IN {accounts:Array(String)}
        GROUP BY account_id, post_id
    ),
    removals AS
    (
        SELECT account_id, post_id, argMax((removal, first_missing_at), (isNotNull(confirmed_at), observed_at, kafka_offset)) AS gone
        FROM weibo_store.post_removals
        WHERE account_id IN {accounts:Array(String)}
        GROUP BY account_id, post_id
    ),
    followers AS
    (
        SELECT account_id, observed_at, argMax(followers, kafka_offset) AS figure
        FROM weibo_store.account_snapshots
        WHERE account_id IN {accounts:Array(String)} AND isNotNull(followers)
        GROUP BY account_id, observed_at
    ),
    scores AS
    (
        SELECT account_id, post_id, argMax((age_s, reposts + comments + likes, expected, benchmark_posts, benchmark), age_s) AS score
        FROM weibo_store.post_ages FINAL
        WHERE account_id IN {accounts:Array(String)} AND created_at >= {posts_from:DateTime64(3, 'UTC')} AND gap_s <= age_s AND isNotNull(reposts + comments + likes)
        GROUP BY account_id, post_id
    ),
    counters AS
    (
        SELECT
            s.account_id AS account_id,
            s.post_id AS post_id,
            any(p.published_at) AS published_at,
            min(s.observed_at) AS first_at,
            max(s.observed_at) AS last_at,
            uniqExact(s.observed_at) AS seen,
            argMaxIf((s.reposts, s.reposts_below, s.reposts_above), (s.observed_at, s.kafka_offset), isNotNull(s.reposts)) AS reposts_now,
            argMaxIf((s.comments, s.comments_below, s.comments_above), (s.observed_at, s.kafka_offset), isNotNull(s.comments)) AS comments_now,
            argMaxIf((s.likes, s.likes_below, s.likes_above), (s.observed_at, s.kafka_offset), isNotNull(s.likes)) AS likes_now,
            argMaxIf((s.views, s.views_below, s.views_above), (s.observed_at, s.kafka_offset), isNotNull(s.views)) AS views_now,
            maxIf((assumeNotNull(s.reposts - s.reposts_below), s.observed_at), isNotNull(s.reposts)) AS reposts_most,
            maxIf((assumeNotNull(s.comments - s.comments_below), s.observed_at), isNotNull(s.comments)) AS comments_most,
            maxIf((assumeNotNull(s.likes - s.likes_below), s.observed_at), isNotNull(s.likes)) AS likes_most,
            arrayCompact(arraySort(groupArrayIf((toUnixTimestamp64Milli(s.observed_at), assumeNotNull(s.reposts + s.comments + s.likes)), isNotNull(s.reposts + s.comments + s.likes)))) AS known
        FROM weibo_store.engagement_samples AS s
        INNER JOIN posts AS p ON p.account_id = s.account_id AND p.post_id = s.post_id
        WHERE s.account_id IN {accounts:Array(String)}
        GROUP BY account_id, post_id
    ),
    curves AS
    (
        -- A post that was found within a day of its publication began with 0.
        SELECT
            *,
            toUnixTimestamp64Milli(published_at) AS begin,
            if(notEmpty(known) AND known[1].1 > begin AND known[1].1 < begin + 86400000, arrayPushFront(known, (begin, toUInt64(0))), known) AS curve,
            length(curve) AS n,
            arrayMap(x -> x.1, curve) AS times,
            arrayMap(x -> x.2, curve) AS counts,
            toUInt64(greatest(0, ifNull(toInt64(reposts_most.1) - toInt64(reposts_now.1 + reposts_now.3), 0))) AS reposts_lost,
            toUInt64(greatest(0, ifNull(toInt64(comments_most.1) - toInt64(comments_now.1 + comments_now.3), 0))) AS comments_lost,
            toUInt64(greatest(0, ifNull(toInt64(likes_most.1) - toInt64(likes_now.1 + likes_now.3), 0))) AS likes_lost
        FROM counters
    ),
    -- What the lambdas below look at is computed here, once per post: within a lambda it would be once per sample.
    speeds AS
    (
        SELECT
            *,
            counts[n] AS newest,
            counts[n] * 0.5 AS half,
            counts[n] * 0.9 AS most,
            times[n] - 259200000 AS three_days_ago,
            arrayMap((t, v, t0, v0) -> (toInt64(v) - toInt64(v0)) / (t - t0), arrayPopFront(times), arrayPopFront(counts), arrayPopBack(times), arrayPopBack(counts)) AS speeds,
            arrayMax(speeds) AS top_speed
        FROM curves
    ),
    peaks AS
    (
        SELECT *, indexOf(speeds, top_speed) + 1 AS peak, (counts[peak] + newest) / 2 AS half_of_rest FROM speeds
    ),
    marks AS
    (
        SELECT
            *,
            arrayFirstIndex(v -> v >= half, counts) AS at_50,
            arrayFirstIndex(v -> v >= most, counts) AS at_90,
            arrayFirstIndex((v, i) -> i > peak AND v >= half_of_rest, counts, arrayEnumerate(counts)) AS at_half,
            arrayLastIndex(t -> t <= three_days_ago, times) AS three_days_before
        FROM peaks
    ),
    rows AS
    (
        SELECT
            c.account_id AS account_id,
            c.post_id AS post_id,
            c.published_at AS created_at,
            t.said.1 AS kind,
            t.said.2 AS format,
            t.said.3 AS topics,
            multiIf(
                t.said.4 = '', '',
                match(t.said.4, '[\\p{Hiragana}\\p{Katakana}]{2}'), 'ja',
                match(t.said.4, '\\p{Hangul}{2}'), 'ko',
                match(t.said.4, '\\p{Han}'), 'zh',
                match(t.said.4, '\\p{Cyrillic}{2}'), 'ru',
                match(t.said.4, '\\p{Arabic}{2}'), 'ar',
                match(t.said.4, '\\p{Thai}{2}'), 'th',
                match(t.said.4, '\\p{Hebrew}{2}'), 'he',
                match(t.said.4, '\\p{Greek}{2}'), 'el',
                match(t.said.4, '\\p{Latin}{2}'), 'latin',
                'other'
            ) AS language,
            toUInt32(lengthUTF8(t.said.4)) AS text_length,
            c.first_at AS first_observed_at,
            c.last_at AS observed_at,
            c.seen AS samples,
            c.reposts_now.1 AS reposts,
            c.reposts_now.1 - c.reposts_now.2 AS reposts_low,
            c.reposts_now.1 + c.reposts_now.3 AS reposts_high,
            c.comments_now.1 AS comments,
            c.comments_now.1 - c.comments_now.2 AS comments_low,
            c.comments_now.1 + c.comments_now.3 AS comments_high,
            c.likes_now.1 AS likes,
            c.likes_now.1 - c.likes_now.2 AS likes_low,
            c.likes_now.1 + c.likes_now.3 AS likes_high,
            c.views_now.1 AS views,
            c.views_now.1 - c.views_now.2 AS views_low,
            c.views_now.1 + c.views_now.3 AS views_high,
            f.figure AS followers_at_posting,
            if(n < 2, NULL, speeds[n - 1] * 3600000) AS velocity,
            toBool(n > 1 AND times[n] >= begin + 604800000 AND three_days_before > 0 AND counts[three_days_before] >= newest * 0.99) AS settled,
            -- Where the first known count is past the mark already, nobody saw it pass.
            if(at_50 < 2 OR newest = 0, NULL, (times[at_50 - 1] + (half - counts[at_50 - 1]) * (times[at_50] - times[at_50 - 1]) / (counts[at_50] - counts[at_50 - 1]) - begin) / 3600000) AS hours_to_50,
            if(at_90 < 2 OR newest = 0, NULL, (times[at_90 - 1] + (most - counts[at_90 - 1]) * (times[at_90] - times[at_90 - 1]) / (counts[at_90] - counts[at_90 - 1]) - begin) / 3600000) AS hours_to_90,
            if(n < 2 OR at_half = 0 OR newest <= counts[peak] OR counts[at_half] = counts[at_half - 1], NULL, (times[at_half - 1] + (half_of_rest - counts[at_half - 1]) * (times[at_half] - times[at_half - 1]) / (toInt64(counts[at_half]) - toInt64(counts[at_half - 1])) - times[peak]) / 3600000) AS half_life_hours,
            if(n < 2 OR top_speed <= 0, NULL, fromUnixTimestamp64Milli(toInt64(times[peak]), 'UTC')) AS peak_at,
            c.reposts_lost AS reposts_lost,
            c.comments_lost AS comments_lost,
            c.likes_lost AS likes_lost,
            if(c.reposts_lost > 0, c.reposts_most.2, NULL) AS reposts_most_at,
            if(c.comments_lost > 0, c.comments_most.2, NULL) AS comments_most_at,
            if(c.likes_lost > 0, c.likes_most.2, NULL) AS likes_most_at,
            if(s.score.1 = 0, NULL, s.score.1) AS score_age_s,
            if(s.score.1 = 0, NULL, s.score.2) AS score_interactions,
            if(s.score.1 = 0, NULL, s.score.3) AS expected,
            s.score.4 AS benchmark_posts,
            s.score.5 AS benchmark,
            if(r.gone.1 = '' OR r.gone.2 < greatest(c.last_at, t.seen_at), NULL, r.gone.1) AS removal,
            toUInt32(t.versions) AS versions
        FROM marks AS c
        LEFT JOIN texts AS t ON t.account_id = c.account_id AND t.post_id = c.post_id
        LEFT JOIN removals AS r ON r.account_id = c.account_id AND r.post_id = c.post_id
        LEFT JOIN scores AS s ON s.account_id = c.account_id AND s.post_id = c.post_id
        ASOF LEFT JOIN followers AS f ON f.account_id = c.account_id AND f.observed_at <= c.published_at
    )
SELECT
    account_id, post_id, created_at, kind, format, topics, language, text_length, first_observed_at, observed_at,
    samples, reposts, reposts_low, reposts_high, comments, comments_low, comments_high, likes, likes_low, likes_high,
    views, views_low, views_high, followers_at_posting, velocity, settled, hours_to_50, hours_to_90, half_life_hours,
    peak_at, reposts_lost, comments_lost, likes_lost, reposts_most_at, comments_most_at, likes_most_at, score_age_s,
    score_interactions, expected, benchmark_posts, benchmark, removal, versions,
    now64(3, 'UTC'), 0
FROM rows
WHERE (account_id, post_id, cityHash64(toString((
    created_at, kind, format, topics, language, text_length, first_observed_at, observed_at, samples, reposts,
    reposts_low, reposts_high, comments, comments_low, comments_high, likes, likes_low, likes_high, views, views_low,
    views_high, followers_at_posting, velocity, settled, hours_to_50, hours_to_90, half_life_hours, peak_at,
    reposts_lost, comments_lost, likes_lost, reposts_most_at, comments_most_at, likes_most_at, score_age_s,
    score_interactions, expected, benchmark_posts, benchmark, removal, versions
)))) NOT IN
(
    SELECT account_id, post_id, cityHash64(toString((
        created_at, kind, format, topics, language, text_length, first_observed_at, observed_at, samples, reposts,
        reposts_low, reposts_high, comments, comments_low, comments_high, likes, likes_low, likes_high, views, views_low,
        views_high, followers_at_posting, velocity, settled, hours_to_50, hours_to_90, half_life_hours, peak_at,
        reposts_lost, comments_lost, likes_lost, reposts_most_at, comments_most_at, likes_most_at, score_age_s,
        score_interactions, expected, benchmark_posts, benchmark, removal, versions
    )))
    FROM weibo_store.post_measures FINAL
    WHERE account_id IN {accounts:Array(String)} AND NOT {anew:Bool}
)
UNION ALL
-- Where a post turns out to have been published at another moment, the row of the first one goes.
SELECT
    o.account_id, o.post_id, o.created_at, o.kind, o.format, o.topics, o.language, o.text_length,
    o.first_observed_at, o.observed_at, o.samples, o.reposts, o.reposts_low, o.reposts_high, o.comments,
    o.comments_low, o.comments_high, o.likes, o.likes_low, o.likes_high, o.views, o.views_low, o.views_high,
    o.followers_at_posting, o.velocity, o.settled, o.hours_to_50, o.hours_to_90, o.half_life_hours, o.peak_at,
    o.reposts_lost, o.comments_lost, o.likes_lost, o.reposts_most_at, o.comments_most_at, o.likes_most_at,
    o.score_age_s, o.score_interactions, o.expected, o.benchmark_posts, o.benchmark, o.removal, o.versions,
    now64(3, 'UTC'), 1
FROM weibo_store.post_measures AS o FINAL
INNER JOIN published AS p ON p.account_id = o.account_id AND p.post_id = o.post_id
WHERE o.account_id IN {accounts:Array(String)} AND o.created_at != p.published_at
