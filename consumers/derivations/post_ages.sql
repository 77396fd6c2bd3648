-- Counters of posts at the ages of the grid, for posts published from {posts_from} on, and what was to be expected.
-- A value between two samples that lie further apart than the post is old is a guess: it counts for no expectation.
-- Posts that were seen first before {whole_from} keep the rows they have: some of their samples are there no more.
-- A row is written where it differs from what is there; with {anew} always.
-- Parameters: accounts Array(String), posts_from and whole_from DateTime64(3, 'UTC'), anew Bool.
-- Expected: CrowdTangle's rule (help.crowdtangle.com/en/articles/2013937): of the account's last 100 posts of the same
-- type at the same age, without the highest and the lowest quarter, the mean. Ours besides: none older than 365 days,
-- none from fewer than 20 posts, and all types together where one has too few; where these are too few as well, what
-- peer_expectations has by now for the account's followers at posting, the age and the day.
INSERT INTO weibo_store.post_ages
WITH
    [300, 900, 1800, 3600, 10800, 21600, 43200, 86400, 172800, 259200, 604800, 2592000] AS grid,
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
    -- What may have been published at another moment than was thought: the measures, computed after this, still say the
    -- old one, or nothing, where this statement was the last one of a process that was killed.
    moved AS
    (
        SELECT p.account_id, p.post_id
        FROM published AS p
        LEFT JOIN (SELECT account_id, post_id, created_at FROM weibo_store.post_measures FINAL WHERE account_id IN {accounts:Array(String)}) AS o
            ON o.account_id = p.account_id AND o.post_id = p.post_id
        WHERE o.created_at != p.published_at
    ),
    -- They count for what is to be expected of others.
    kept AS
    (
        SELECT r.account_id, r.post_id
        FROM weibo_store.post_latest AS r
        WHERE r.account_id IN {accounts:Array(String)}
        GROUP BY r.account_id, r.post_id
        HAVING min(r.first_observed_at) < {whole_from:DateTime64(3, 'UTC')}
    ),
    kinds AS
    (
        SELECT account_id, post_id, argMax(kind, (observed_at, kafka_offset)) AS kind
        FROM weibo_store.post_versions
        WHERE account_id IN {accounts:Array(String)}
        GROUP BY account_id, post_id
    ),
    -- Milliseconds. A count that is unknown is -1.
    samples AS
    (
        SELECT
            account_id,
            post_id,
            toUnixTimestamp64Milli(observed_at) AS at,
            ifNull(toInt64(s.reposts), -1) AS r,
            isNull(s.reposts_above) AS r_capped,
            ifNull(toInt64(s.comments), -1) AS c,
            isNull(s.comments_above) AS c_capped,
            ifNull(toInt64(s.likes), -1) AS l,
            isNull(s.likes_above) AS l_capped,
            ifNull(toInt64(s.views), -1) AS v
        FROM weibo_store.engagement_samples AS s
        WHERE account_id IN {accounts:Array(String)} AND (account_id, post_id) IN (SELECT account_id, post_id FROM posts)
        ORDER BY account_id, post_id, observed_at
    ),
    -- A post is a row of arrays, its samples in order.
    histories AS
    (
        SELECT
            account_id,
            post_id,
            groupArray(at) AS times,
            groupArray(r) AS reposts_seen,
            groupArray(r_capped) AS reposts_caps,
            groupArray(c) AS comments_seen,
            groupArray(c_capped) AS comments_caps,
            groupArray(l) AS likes_seen,
            groupArray(l_capped) AS likes_caps,
            groupArray(v) AS views_seen
        FROM samples
        GROUP BY account_id, post_id
        SETTINGS max_block_size = 256
    ),
    known AS
    (
        SELECT
            h.account_id AS account_id,
            h.post_id AS post_id,
            p.published_at AS published_at,
            arrayMap(t -> t - toUnixTimestamp64Milli(p.published_at), times) AS ages,
            arrayMap(age -> if(age < 0, -1, roundDown(intDiv(age, 1000), arrayConcat([0], grid))), ages) AS slots,
            arrayMap((v, slot) -> v >= 0 AND slot >= 0, reposts_seen, slots) AS r_is,
            arrayFilter((slot, is) -> is, slots, r_is) AS r_slots,
            arrayFilter((age, is) -> is, ages, r_is) AS r_ages,
            arrayFilter((v, is) -> is, reposts_seen, r_is) AS r_counts,
            arrayFilter((capped, is) -> is, reposts_caps, r_is) AS r_caps,
            arrayMap((v, slot) -> v >= 0 AND slot >= 0, comments_seen, slots) AS c_is,
            arrayFilter((slot, is) -> is, slots, c_is) AS c_slots,
            arrayFilter((age, is) -> is, ages, c_is) AS c_ages,
            arrayFilter((v, is) -> is, comments_seen, c_is) AS c_counts,
            arrayFilter((capped, is) -> is, comments_caps, c_is) AS c_caps,
            arrayMap((v, slot) -> v >= 0 AND slot >= 0, likes_seen, slots) AS l_is,
            arrayFilter((slot, is) -> is, slots, l_is) AS l_slots,
            arrayFilter((age, is) -> is, ages, l_is) AS l_ages,
            arrayFilter((v, is) -> is, likes_seen, l_is) AS l_counts,
            arrayFilter((capped, is) -> is, likes_caps, l_is) AS l_caps,
            arrayMap((v, slot) -> v >= 0 AND slot >= 0, views_seen, slots) AS v_is,
            arrayFilter((slot, is) -> is, slots, v_is) AS v_slots,
            arrayFilter((age, is) -> is, ages, v_is) AS v_ages,
            arrayFilter((v, is) -> is, views_seen, v_is) AS v_counts
        FROM histories AS h
        INNER JOIN posts AS p ON p.account_id = h.account_id AND p.post_id = h.post_id
    ),
    -- Between two ages of the grid only the first and the last known count matter.
    ends AS
    (
        SELECT
            account_id,
            post_id,
            published_at,
            arrayMap((slot, before, after) -> slot != before OR slot != after, r_slots, arrayPopBack(arrayPushFront(r_slots, -1)), arrayPopFront(arrayPushBack(r_slots, -1))) AS r_edges,
            arrayFilter((age, is) -> is, r_ages, r_edges) AS reposts_ages,
            arrayFilter((v, is) -> is, r_counts, r_edges) AS reposts_counts,
            arrayFilter((capped, is) -> is, r_caps, r_edges) AS reposts_caps,
            arrayMap((slot, before, after) -> slot != before OR slot != after, c_slots, arrayPopBack(arrayPushFront(c_slots, -1)), arrayPopFront(arrayPushBack(c_slots, -1))) AS c_edges,
            arrayFilter((age, is) -> is, c_ages, c_edges) AS comments_ages,
            arrayFilter((v, is) -> is, c_counts, c_edges) AS comments_counts,
            arrayFilter((capped, is) -> is, c_caps, c_edges) AS comments_caps,
            arrayMap((slot, before, after) -> slot != before OR slot != after, l_slots, arrayPopBack(arrayPushFront(l_slots, -1)), arrayPopFront(arrayPushBack(l_slots, -1))) AS l_edges,
            arrayFilter((age, is) -> is, l_ages, l_edges) AS likes_ages,
            arrayFilter((v, is) -> is, l_counts, l_edges) AS likes_counts,
            arrayFilter((capped, is) -> is, l_caps, l_edges) AS likes_caps,
            arrayMap((slot, before, after) -> slot != before OR slot != after, v_slots, arrayPopBack(arrayPushFront(v_slots, -1)), arrayPopFront(arrayPushBack(v_slots, -1))) AS v_edges,
            arrayFilter((age, is) -> is, v_ages, v_edges) AS views_ages,
            arrayFilter((v, is) -> is, v_counts, v_edges) AS views_counts
        FROM known
    ),
    neighbours AS
    (
        -- Of each counter the first known count from the age on, and the last known one before it, 0 at the publication
        -- where there is none.
        SELECT
            account_id,
            post_id,
            published_at,
            age_s,
            arrayFirstIndex(age -> age >= age_s * 1000, reposts_ages) AS r,
            if(r = 0, NULL, reposts_counts[r]) AS reposts_after,
            reposts_ages[r] AS reposts_after_at,
            if(r < 2, 0, reposts_counts[r - 1]) AS reposts_before,
            if(r < 2, 0, reposts_ages[r - 1]) AS reposts_before_at,
            r > 0 AND (reposts_caps[r] OR r > 1 AND reposts_caps[r - 1]) AS reposts_capped,
            arrayFirstIndex(age -> age >= age_s * 1000, comments_ages) AS c,
            if(c = 0, NULL, comments_counts[c]) AS comments_after,
            comments_ages[c] AS comments_after_at,
            if(c < 2, 0, comments_counts[c - 1]) AS comments_before,
            if(c < 2, 0, comments_ages[c - 1]) AS comments_before_at,
            c > 0 AND (comments_caps[c] OR c > 1 AND comments_caps[c - 1]) AS comments_capped,
            arrayFirstIndex(age -> age >= age_s * 1000, likes_ages) AS l,
            if(l = 0, NULL, likes_counts[l]) AS likes_after,
            likes_ages[l] AS likes_after_at,
            if(l < 2, 0, likes_counts[l - 1]) AS likes_before,
            if(l < 2, 0, likes_ages[l - 1]) AS likes_before_at,
            l > 0 AND (likes_caps[l] OR l > 1 AND likes_caps[l - 1]) AS likes_capped,
            arrayFirstIndex(age -> age >= age_s * 1000, views_ages) AS v,
            if(v = 0, NULL, views_counts[v]) AS views_after,
            views_ages[v] AS views_after_at,
            if(v < 2, 0, views_counts[v - 1]) AS views_before,
            if(v < 2, 0, views_ages[v - 1]) AS views_before_at
        FROM ends
        ARRAY JOIN grid AS age_s
        WHERE isNotNull(reposts_after) OR isNotNull(comments_after) OR isNotNull(likes_after)
    ),
    fresh AS
    (
        SELECT
            n.account_id AS account_id,
            n.post_id AS post_id,
            n.published_at AS created_at,
            k.kind AS kind,
            n.age_s AS age_s,
            reposts_before + (reposts_after - reposts_before) * (age_s * 1000 - reposts_before_at) / (reposts_after_at - reposts_before_at) AS reposts,
            comments_before + (comments_after - comments_before) * (age_s * 1000 - comments_before_at) / (comments_after_at - comments_before_at) AS comments,
            likes_before + (likes_after - likes_before) * (age_s * 1000 - likes_before_at) / (likes_after_at - likes_before_at) AS likes,
            views_before + (views_after - views_before) * (age_s * 1000 - views_before_at) / (views_after_at - views_before_at) AS views,
            toBool(NOT (
                (isNull(reposts_after) OR reposts_after_at = age_s * 1000)
                AND (isNull(comments_after) OR comments_after_at = age_s * 1000)
                AND (isNull(likes_after) OR likes_after_at = age_s * 1000)
            )) AS interpolated,
            toBool(reposts_capped OR comments_capped OR likes_capped) AS capped,
            toUInt32(intDiv(greatest(
                if(isNull(reposts_after), 0, reposts_after_at - reposts_before_at),
                if(isNull(comments_after), 0, comments_after_at - comments_before_at),
                if(isNull(likes_after), 0, likes_after_at - likes_before_at)
            ), 1000)) AS gap_s,
            if(gap_s <= age_s, reposts + comments + likes, NULL) AS interactions
        FROM neighbours AS n
        LEFT JOIN kinds AS k ON k.account_id = n.account_id AND k.post_id = n.post_id
    ),
    earlier AS
    (
        SELECT account_id, post_id, created_at, kind, age_s, reposts, comments, likes, views, interpolated, capped, gap_s, if(gap_s <= age_s, reposts + comments + likes, NULL) AS interactions
        FROM weibo_store.post_ages FINAL
        WHERE account_id IN {accounts:Array(String)} AND created_at >= {posts_from:DateTime64(3, 'UTC')} - INTERVAL 366 DAY
            AND (created_at < {posts_from:DateTime64(3, 'UTC')} OR (account_id, post_id) IN (SELECT * FROM kept))
    ),
    -- No window reaches farther back: the last 100 of an account are among the last 100 of each type.
    reached AS
    (
        SELECT * FROM earlier
        ORDER BY account_id, age_s, kind, created_at DESC, post_id DESC
        LIMIT 100 BY account_id, age_s, kind, if(created_at < {posts_from:DateTime64(3, 'UTC')}, 0, post_id)
    ),
    windows AS
    (
        SELECT
            *,
            toUnixTimestamp64Milli(created_at) AS published,
            groupArray(interactions) OVER of_type AS type_interactions,
            groupArrayIf(published, isNotNull(interactions)) OVER of_type AS type_published,
            groupArray(interactions) OVER of_account AS account_interactions,
            groupArrayIf(published, isNotNull(interactions)) OVER of_account AS account_published
        FROM (SELECT * FROM fresh UNION ALL SELECT * FROM reached)
        WINDOW
            of_type AS (PARTITION BY account_id, age_s, kind ORDER BY created_at, post_id ROWS BETWEEN 100 PRECEDING AND 1 PRECEDING),
            of_account AS (PARTITION BY account_id, age_s ORDER BY created_at, post_id ROWS BETWEEN 100 PRECEDING AND 1 PRECEDING)
    ),
    benchmarks AS
    (
        SELECT
            *,
            published - 365 * 86400000 AS year_before,
            arrayFilter((x, at) -> at >= year_before, type_interactions, type_published) AS type_values,
            arrayFilter((x, at) -> at >= year_before, account_interactions, account_published) AS account_values,
            multiIf(length(type_values) >= 20, 'type', length(account_values) >= 20, 'account', '') AS benchmark,
            arraySort(if(benchmark = 'type', type_values, account_values)) AS values,
            intDiv(length(values), 4) AS cut
        FROM windows
        WHERE created_at >= {posts_from:DateTime64(3, 'UTC')} AND (account_id, post_id) NOT IN (SELECT * FROM kept)
    ),
    followers AS
    (
        SELECT account_id, observed_at, figure FROM weibo_store.followers_seen WHERE account_id IN {accounts:Array(String)}
    ),
    peers AS
    (
        SELECT peer_group, age_s, day, expected, posts
        FROM weibo_store.peer_expectations FINAL
        WHERE day >= toDate32({posts_from:DateTime64(3, 'UTC')}, 'Asia/Shanghai')
    ),
    rows AS
    (
        SELECT
            b.account_id AS account_id,
            b.post_id AS post_id,
            b.created_at AS created_at,
            b.kind AS kind,
            b.age_s AS age_s,
            b.reposts AS reposts,
            b.comments AS comments,
            b.likes AS likes,
            b.views AS views,
            b.interpolated AS interpolated,
            b.capped AS capped,
            b.gap_s AS gap_s,
            b.benchmark = '' AND p.posts > 0 AS of_peers,
            multiIf(of_peers, p.expected, b.benchmark = '', NULL, arrayAvg(arraySlice(b.values, b.cut + 1, length(b.values) - 2 * b.cut))) AS expected,
            toUInt16(length(b.values)) AS own_posts,
            if(of_peers, p.posts, own_posts) AS benchmark_posts,
            if(of_peers, 'peers', b.benchmark) AS benchmark,
            toUInt8(ifNull(length(toString(f.figure)), 0)) AS peer_group
        FROM benchmarks AS b
        ASOF LEFT JOIN followers AS f ON f.account_id = b.account_id AND f.observed_at <= b.created_at
        LEFT JOIN peers AS p ON p.peer_group = toUInt8(ifNull(length(toString(f.figure)), 0)) AND p.age_s = b.age_s AND p.day = toDate32(b.created_at, 'Asia/Shanghai')
    )
SELECT
    account_id, post_id, created_at, kind, age_s, reposts, comments, likes, views, interpolated, capped, gap_s, expected,
    benchmark_posts, benchmark, own_posts, peer_group, now64(3, 'UTC'), 0
FROM rows
WHERE (account_id, post_id, age_s, cityHash64(toString((created_at, kind, reposts, comments, likes, views, interpolated, capped, gap_s, expected, benchmark_posts, benchmark, own_posts, peer_group)))) NOT IN
(
    SELECT account_id, post_id, age_s, cityHash64(toString((created_at, kind, reposts, comments, likes, views, interpolated, capped, gap_s, expected, benchmark_posts, benchmark, own_posts, peer_group)))
    FROM weibo_store.post_ages FINAL
    WHERE account_id IN {accounts:Array(String)} AND created_at >= {posts_from:DateTime64(3, 'UTC')} AND NOT {anew:Bool}
)
UNION ALL
-- Where a post turns out to have been published at another moment, the row of the first one goes.
SELECT
    o.account_id, o.post_id, o.created_at, o.kind, o.age_s, o.reposts, o.comments, o.likes, o.views, o.interpolated,
    o.capped, o.gap_s, o.expected, o.benchmark_posts, o.benchmark, o.own_posts, o.peer_group,
    now64(3, 'UTC'), 1
FROM weibo_store.post_ages AS o FINAL
INNER JOIN published AS p ON p.account_id = o.account_id AND p.post_id = o.post_id
WHERE o.account_id IN {accounts:Array(String)} AND (o.account_id, o.post_id) IN (SELECT * FROM moved) AND o.created_at != p.published_at
-- One thread, and nothing spilled: so the arrays keep the order of their samples.
SETTINGS max_threads = 1, max_bytes_before_external_group_by = 0, max_bytes_ratio_before_external_group_by = 0, optimize_move_to_prewhere_if_final = 1
