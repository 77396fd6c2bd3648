-- One post in two hundred goes away after two days.
INSERT INTO weibo_store.post_removals (account_id, post_id, observed_at, removal, first_missing_at, confirmed_at, ce_source,
    software, lane, kafka_partition, kafka_offset, ingested_at)
-- numbers
    1 AS one
SELECT
    account_of(a), mid(a, i, published), fromUnixTimestamp64Milli(toInt64((published + 172800) * 1000), 'UTC') AS observed_at,
    ['deleted_by_author', 'removed_by_platform', 'hidden'][cityHash64('gone', a, i) % 3 + 1], observed_at, observed_at,
    'urn:weiplomacy:replica', 'weiplomacy/0.1.0', lane_of(a), a % 8, i * 1000 + intDiv(a, 8), observed_at
-- posts
WHERE cityHash64('removal', a, i) % 200 = 0 AND published + 172800 < {end:UInt64}
