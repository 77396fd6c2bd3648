-- What is to be expected of posts that are published on the days from {days_from} until before {days_until}, in Beijing,
-- from what accounts with about as many followers (as many decimal digits) had at the same age.
-- Of the posts of the thirty days before, without the highest and the lowest quarter, the mean; none from fewer than 20
-- posts or 3 accounts. Of a day at most 100 posts of a group count, which ones the hash of their id says. The posts of
-- the account that is judged are among them: without, each account would need rows of its own.
-- A row is written where it differs from what is there.
-- Parameters: days_from and days_until Date32.
INSERT INTO weibo_store.peer_expectations
WITH
    chosen AS
    (
        SELECT
            peer_group,
            age_s,
            toDate32(created_at, 'Asia/Shanghai') AS published_on,
            cityHash64(account_id) AS account,
            assumeNotNull(reposts + comments + likes) AS interactions
        FROM weibo_store.post_ages FINAL
        WHERE created_at >= toDateTime64({days_from:Date32} - 30, 3, 'Asia/Shanghai')
            AND created_at < toDateTime64({days_until:Date32} - 1, 3, 'Asia/Shanghai')
            AND peer_group > 0
            AND gap_s <= age_s
            AND isNotNull(reposts + comments + likes)
        ORDER BY peer_group, age_s, published_on, intHash64(post_id), account_id
        LIMIT 100 BY peer_group, age_s, published_on
    ),
    published AS
    (
        SELECT peer_group, age_s, published_on, groupArray(interactions) AS values, groupUniqArray(account) AS accounts
        FROM chosen
        GROUP BY peer_group, age_s, published_on
    ),
    pools AS
    (
        SELECT
            peer_group,
            age_s,
            published_on + after AS day,
            arraySort(groupArrayArray(values)) AS pool,
            length(groupUniqArrayArray(accounts)) AS accounts,
            intDiv(length(pool), 4) AS cut
        FROM published
        ARRAY JOIN range(1, 31) AS after
        WHERE day >= {days_from:Date32} AND day < {days_until:Date32}
        GROUP BY peer_group, age_s, day
        HAVING length(pool) >= 20 AND accounts >= 3
    ),
    fresh AS
    (
        SELECT
            peer_group,
            age_s,
            day,
            arrayAvg(arraySlice(pool, cut + 1, length(pool) - 2 * cut)) AS expected,
            toUInt16(length(pool)) AS posts,
            toUInt16(least(accounts, 65535)) AS accounts
        FROM pools
    ),
    found AS
    (
        SELECT * FROM weibo_store.peer_expectations FINAL WHERE day >= {days_from:Date32} AND day < {days_until:Date32}
    )
-- Of a pair that has one side only, the other one is 0.
SELECT
    if(f.posts > 0, f.peer_group, o.peer_group),
    if(f.posts > 0, f.age_s, o.age_s),
    if(f.posts > 0, f.day, o.day),
    f.expected,
    f.posts,
    f.accounts,
    now64(3, 'UTC'),
    f.posts = 0
FROM fresh AS f
FULL JOIN found AS o ON o.peer_group = f.peer_group AND o.age_s = f.age_s AND o.day = f.day
WHERE (f.expected, f.posts, f.accounts) != (o.expected, o.posts, o.accounts)
