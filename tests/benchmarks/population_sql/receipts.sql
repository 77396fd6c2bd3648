-- A receipt every six hours, one in fifty of a visit that was blocked. One per visit would cost more than all samples.
INSERT INTO weibo_store.receipts (account_id, observed_at, started_at, cycle, spider, lane, software, planned, fetched,
    published, acknowledged, responses, stop_reason, complete, posts_captured, comments_reported, comments_captured, ce_source,
    kafka_partition, kafka_offset, ingested_at)
-- numbers
    intDiv({end:UInt64} - {begin:UInt64}, 21600) + 1 AS turns
SELECT
    account_of(a), fromUnixTimestamp64Milli(toInt64(seen * 1000 + a % 997), 'UTC') AS observed_at, observed_at - toIntervalSecond(3),
    toString(seen), 'resample', lane_of(a), 'weiplomacy/0.1.0', 1, 1, map('engagement.sample', 10), map('engagement.sample', 10),
    map('ok', 1), if(cityHash64('failed', a, n) % 50 = 0, 'blocked', 'caught_up') AS reason, reason = 'caught_up', 10, 40, 38,
    'urn:weiplomacy:replica', a % 8, n * 1000 + intDiv(a, 8), observed_at
FROM (SELECT number % turns AS n, {a0:UInt64} + intDiv(number, turns) AS a, {begin:UInt64} + n * 21600 + 1800 AS seen FROM numbers({an:UInt64} * turns))
