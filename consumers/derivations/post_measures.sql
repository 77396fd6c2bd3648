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
    -- What was published at another moment than was thought.
    moved AS
    (
        SELECT o.account_id, o.post_id
        FROM weibo_store.post_measures AS o FINAL
        INNER JOIN published AS p ON p.account_id = o.account_id AND p.post_id = o.post_id
        WHERE o.account_id IN {accounts:Array(String)} AND o.created_at != p.published_at
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
        WHERE account_id IN {accounts:Array(String)} AND (account_id, post_id) IN (SELECT account_id, post_id FROM posts)
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
        SELECT account_id, observed_at, figure FROM weibo_store.followers_seen WHERE account_id IN {accounts:Array(String)}
    ),
    scores AS
    (
        SELECT account_id, post_id, argMax((age_s, reposts + comments + likes, expected, benchmark_posts, benchmark), age_s) AS score
        FROM weibo_store.post_ages FINAL
        WHERE account_id IN {accounts:Array(String)} AND created_at >= {posts_from:DateTime64(3, 'UTC')} AND gap_s <= age_s AND isNotNull(reposts + comments + likes)
        GROUP BY account_id, post_id
    ),
    -- Milliseconds. A count that is unknown, and a bound that is open, is -1.
    samples AS
    (
        SELECT
            account_id,
            post_id,
            observed_at,
            toUnixTimestamp64Milli(observed_at) AS at,
            ifNull(toInt64(s.reposts), -1) AS r,
            if(isNull(s.reposts), -1, r - s.reposts_below) AS r_low,
            ifNull(r + s.reposts_above, -1) AS r_high,
            ifNull(toInt64(s.comments), -1) AS c,
            if(isNull(s.comments), -1, c - s.comments_below) AS c_low,
            ifNull(c + s.comments_above, -1) AS c_high,
            ifNull(toInt64(s.likes), -1) AS l,
            if(isNull(s.likes), -1, l - s.likes_below) AS l_low,
            ifNull(l + s.likes_above, -1) AS l_high,
            ifNull(toInt64(s.views), -1) AS v,
            if(isNull(s.views), -1, v - s.views_below) AS v_low,
            ifNull(v + s.views_above, -1) AS v_high,
            if(r < 0 OR c < 0 OR l < 0, -1, r + c + l) AS total
        FROM weibo_store.engagement_samples AS s
        WHERE account_id IN {accounts:Array(String)} AND (account_id, post_id) IN (SELECT account_id, post_id FROM posts)
        ORDER BY account_id, post_id, observed_at, kafka_offset
    ),
    -- A post is a row of arrays, its samples in order.
    histories AS
    (
        SELECT
            account_id,
            post_id,
            min(observed_at) AS first_at,
            max(observed_at) AS last_at,
            groupArray(at) AS seen_at,
            groupArray(total) AS totals,
            groupArray(r) AS reposts_seen,
            groupArray(r_low) AS reposts_low_seen,
            groupArray(r_high) AS reposts_high_seen,
            groupArray(c) AS comments_seen,
            groupArray(c_low) AS comments_low_seen,
            groupArray(c_high) AS comments_high_seen,
            groupArray(l) AS likes_seen,
            groupArray(l_low) AS likes_low_seen,
            groupArray(l_high) AS likes_high_seen,
            groupArray(v) AS views_seen,
            groupArray(v_low) AS views_low_seen,
            groupArray(v_high) AS views_high_seen
        FROM samples
        GROUP BY account_id, post_id
        SETTINGS max_block_size = 256
    ),
    counters AS
    (
        SELECT
            account_id,
            post_id,
            first_at,
            last_at,
            arrayCount((t, t0) -> t != t0, seen_at, arrayPopBack(arrayPushFront(seen_at, 0))) AS seen,
            arrayLastIndex(x -> x >= 0, reposts_seen) AS reposts_newest,
            if(reposts_newest = 0, NULL, reposts_seen[reposts_newest]) AS reposts,
            if(reposts_newest = 0, NULL, reposts_low_seen[reposts_newest]) AS reposts_low,
            if(reposts_newest = 0, NULL, nullIf(reposts_high_seen[reposts_newest], -1)) AS reposts_high,
            arrayLastIndex(x -> x >= 0, comments_seen) AS comments_newest,
            if(comments_newest = 0, NULL, comments_seen[comments_newest]) AS comments,
            if(comments_newest = 0, NULL, comments_low_seen[comments_newest]) AS comments_low,
            if(comments_newest = 0, NULL, nullIf(comments_high_seen[comments_newest], -1)) AS comments_high,
            arrayLastIndex(x -> x >= 0, likes_seen) AS likes_newest,
            if(likes_newest = 0, NULL, likes_seen[likes_newest]) AS likes,
            if(likes_newest = 0, NULL, likes_low_seen[likes_newest]) AS likes_low,
            if(likes_newest = 0, NULL, nullIf(likes_high_seen[likes_newest], -1)) AS likes_high,
            arrayLastIndex(x -> x >= 0, views_seen) AS views_newest,
            if(views_newest = 0, NULL, views_seen[views_newest]) AS views,
            if(views_newest = 0, NULL, views_low_seen[views_newest]) AS views_low,
            if(views_newest = 0, NULL, nullIf(views_high_seen[views_newest], -1)) AS views_high,
            arrayMax(reposts_low_seen) AS reposts_most,
            toUInt64(greatest(0, ifNull(reposts_most - reposts_high, 0))) AS reposts_lost,
            if(reposts_lost > 0, fromUnixTimestamp64Milli(seen_at[arrayLastIndex(x -> x = reposts_most, reposts_low_seen)], 'UTC'), NULL) AS reposts_most_at,
            arrayMax(comments_low_seen) AS comments_most,
            toUInt64(greatest(0, ifNull(comments_most - comments_high, 0))) AS comments_lost,
            if(comments_lost > 0, fromUnixTimestamp64Milli(seen_at[arrayLastIndex(x -> x = comments_most, comments_low_seen)], 'UTC'), NULL) AS comments_most_at,
            arrayMax(likes_low_seen) AS likes_most,
            toUInt64(greatest(0, ifNull(likes_most - likes_high, 0))) AS likes_lost,
            if(likes_lost > 0, fromUnixTimestamp64Milli(seen_at[arrayLastIndex(x -> x = likes_most, likes_low_seen)], 'UTC'), NULL) AS likes_most_at,
            arrayFilter((t, total) -> total >= 0, seen_at, totals) AS known_at,
            arrayFilter(total -> total >= 0, totals) AS known,
            -- A sample that came twice stands twice.
            arrayMap((t, v, t0, v0) -> t != t0 OR v != v0, known_at, known, arrayPopBack(arrayPushFront(known_at, 0)), arrayPopBack(arrayPushFront(known, -1))) AS once
        FROM histories
    ),
    curves AS
    (
        -- A post that was found within a day of its publication began with 0.
        SELECT
            c.* EXCEPT (known_at, known, once),
            p.published_at AS published_at,
            toUnixTimestamp64Milli(p.published_at) AS begin,
            notEmpty(known) AND known_at[1] > begin AND known_at[1] < begin + 86400000 AS found_soon,
            arrayConcat(if(found_soon, [begin], []), arrayFilter((t, is) -> is, known_at, once)) AS times,
            arrayConcat(if(found_soon, [toInt64(0)], []), arrayFilter((v, is) -> is, known, once)) AS counts,
            length(counts) AS n
        FROM counters AS c
        INNER JOIN posts AS p ON p.account_id = c.account_id AND p.post_id = c.post_id
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
            c.reposts AS reposts,
            c.reposts_low AS reposts_low,
            c.reposts_high AS reposts_high,
            c.comments AS comments,
            c.comments_low AS comments_low,
            c.comments_high AS comments_high,
            c.likes AS likes,
            c.likes_low AS likes_low,
            c.likes_high AS likes_high,
            c.views AS views,
            c.views_low AS views_low,
            c.views_high AS views_high,
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
            c.reposts_most_at AS reposts_most_at,
            c.comments_most_at AS comments_most_at,
            c.likes_most_at AS likes_most_at,
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
    WHERE account_id IN {accounts:Array(String)} AND created_at >= {posts_from:DateTime64(3, 'UTC')} AND NOT {anew:Bool}
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
WHERE o.account_id IN {accounts:Array(String)} AND (o.account_id, o.post_id) IN (SELECT * FROM moved) AND o.created_at != p.published_at
-- One thread, and nothing spilled: so the arrays keep the order of their samples.
SETTINGS max_threads = 1, max_bytes_before_external_group_by = 0, max_bytes_ratio_before_external_group_by = 0, optimize_move_to_prewhere_if_final = 1
