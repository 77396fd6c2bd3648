-- A version of each post that a visit may have sampled.
INSERT INTO weibo_store.post_versions (account_id, post_id, content_version, observed_at, text_truncated, kind, format, event,
    uid, created_at, text, topics, pinned, via, ce_source, software, lane, kafka_partition, kafka_offset, ingested_at)
-- numbers
    1 AS one
SELECT
    account_of(a), mid(a, i, published), lower(hex(cityHash64('version', a, i))),
    fromUnixTimestamp64Milli(toInt64(seen * 1000), 'UTC') AS observed_at, false,
    if(cityHash64('kind', a, i) % 7 = 0, 'repost', 'original'),
    ['picture', 'picture', 'picture', 'video', 'text', 'article', 'link'][cityHash64('format', a, i) % 7 + 1],
    'post.seen', 1000000000 + a, toDateTime64(published, 3, 'UTC'), text_of(a, i, 8 + cityHash64('long', a, i) % 40),
    if(cityHash64('topic', a, i) % 3 = 0, [words[cityHash64('which', a, i) % length(words) + 1]], []), false, 'timeline',
    'urn:weiplomacy:replica', 'weiplomacy/0.1.0', lane_of(a), a % 8, i * 1000 + intDiv(a, 8), observed_at
-- posts
