-- An account's figures, every six hours.
INSERT INTO weibo_store.account_snapshots (account_id, observed_at, uid, screen_name, followers, following, posts, verified,
    verified_type, via, ce_source, software, lane, kafka_partition, kafka_offset, ingested_at)
-- numbers
    intDiv({end:UInt64} - {begin:UInt64}, 21600) + 1 AS turns
SELECT
    account_of(a), fromUnixTimestamp64Milli(toInt64(seen * 1000 + a % 997), 'UTC') AS observed_at, 1000000000 + a,
    concat('帐号', toString(a)),
    toUInt64(exp(10.5 + 1.5 * spread('followers', a, 0)) * (1 + 0.0004 * (seen - {begin:UInt64}) / 86400)) + cityHash64('followers', a, n) % 20,
    100 + a % 900, intDiv(seen - {published_from:UInt32}, 86400) * rate_of(a), true, 1, 'profile', 'urn:weiplomacy:replica',
    'weiplomacy/0.1.0', lane_of(a), a % 8, n * 1000 + intDiv(a, 8), observed_at
FROM (SELECT number % turns AS n, {a0:UInt64} + intDiv(number, turns) AS a, {begin:UInt64} + n * 21600 AS seen FROM numbers({an:UInt64} * turns))
