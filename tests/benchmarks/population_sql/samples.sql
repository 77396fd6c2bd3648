-- The samples of some accounts and visits: a0, an, v0, vn. `accounts` are all that there are.
INSERT INTO weibo_store.engagement_samples (account_id, post_id, observed_at, created_at, reposts, reposts_below,
    reposts_above, reposts_raw, comments, comments_below, comments_above, comments_raw, likes, likes_below, likes_above,
    likes_raw, via, ce_source, software, lane, kafka_partition, kafka_offset, batch_first, batch_last, ingested_at)
-- numbers
    -- As Weibo shows a counter: exact below ten thousand, then in units of it, from a million on a lower bound.
    count -> multiIf(count >= 1000000, 1000000, count >= 10000, intDiv(count, 10000) * 10000, count) AS shown,
    count -> multiIf(count >= 1000000, NULL, count >= 10000, 9999, 0)::Nullable(UInt32) AS above,
    count -> multiIf(count >= 1000000, '100万+', count >= 10000, concat(toString(intDiv(count, 10000)), '万'), '') AS raw,
    -- A counter's share of the post's size; one post in `one_of` loses a part of it after so many hours.
    (word, a, i, whole, age_h, one_of, after_h, left) -> toUInt64(whole * exp(0.3 * spread(word, a, i)) * if(cityHash64(word, 'falls', a, i) % one_of = 0 AND age_h > after_h, left, 1)) AS counted
SELECT
    account_of(a), mid(a, i, published), fromUnixTimestamp64Milli(toInt64(visit_ms), 'UTC'), toDateTime64(published, 3, 'UTC'),
    if(cityHash64('hidden', a, v, k) % 500 = 0, NULL, shown(reposts)), 0, above(reposts), raw(reposts),
    shown(comments), 0, above(comments), raw(comments), shown(likes), 0, above(likes), raw(likes),
    'timeline', 'urn:weiplomacy:replica', 'weiplomacy/0.1.0', lane_of(a), a % 8,
    (v * intDiv({accounts:UInt64} + 7, 8) + intDiv(a, 8)) * 10 + k AS kafka_offset,
    intDiv(kafka_offset, 500) * 500 AS batch_first, batch_first + 499,
    fromUnixTimestamp64Milli(toInt64(intDiv(visit_ms, 500) * 500 + 700), 'UTC')
FROM
(
    SELECT
        a, v, k, i, published, visit_ms,
        (visit_ms / 1000 - published) / 3600 AS age_h,
        -- Hours as a cascade feels them: a day has 24, most of them about 15 o'clock in Beijing.
        age_h + 2.291831 * (cos(0.261799388 * (published / 3600 - 1)) - cos(0.261799388 * (published / 3600 + age_h - 1))) AS felt_h,
        exp(3.2 + 1.1 * spread('account', a, 0) + 1.2 * spread('post', a, i)) * if(cityHash64('giant', a, i) % 2000 = 0, 3000, 1) AS size,
        size * (1 - pow(1 + greatest(0, felt_h) / 1.5, -0.9)) AS grown,
        counted('reposts', a, i, 0.25 * grown, age_h, 400, 30, 0.95) AS reposts,
        counted('comments', a, i, 0.35 * grown, age_h, 300, 12, 0.8) AS comments,
        counted('likes', a, i, 1.5 * grown, age_h, 200, 24, 0.93) AS likes
    FROM
    (
        SELECT a, v, k, visit_ms, toUInt64(newest - k) AS i, published_at(a, i) AS published
        FROM
        (
            SELECT
                number % 10 AS k,
                {v0:UInt64} + intDiv(number, 10) % {vn:UInt64} AS v,
                {a0:UInt64} + intDiv(number, 10 * {vn:UInt64}) AS a,
                ({begin:UInt64} + v * 1800) * 1000 + cityHash64('visit', a, v) % 600000 AS visit_ms,
                intDiv(visit_ms, 1000) - {published_from:UInt32} AS since,
                toInt64(intDiv(since, 86400) * rate_of(a) + least(intDiv(since % 86400 * rate_of(a), 54000), rate_of(a) - 1)) AS begun,
                begun - if(published_at(a, begun) * 1000 > visit_ms, 1, 0) AS newest
            FROM numbers({an:UInt64} * {vn:UInt64} * 10)
        )
    )
)
