-- Two comments a post, by a public of two hundred thousand.
INSERT INTO weibo_store.comment_versions (post_id, comment_id, content_version, observed_at, account_id, author_key,
    created_at, text, region, likes, has_picture, list_order, ce_source, software, lane, kafka_partition, kafka_offset,
    ingested_at)
-- numbers
    [0, 1] AS two
SELECT
    mid(a, i, published) AS post_id, post_id + c + 1, lower(hex(cityHash64('comment', a, i, c))),
    fromUnixTimestamp64Milli(toInt64((seen + 1800) * 1000), 'UTC') AS observed_at, account_of(a),
    lower(hex(MD5(toString(cityHash64('who', a, i, c) % 200000)))),
    fromUnixTimestamp64Milli(toInt64((published + 60 + cityHash64('when', a, i, c) % 3000) * 1000), 'UTC'),
    text_of(a, i * 2 + c, 3 + cityHash64('long', a, i, c) % 12),
    ['北京', '上海', '广东', '浙江', '江苏'][cityHash64('region', a, i, c) % 5 + 1], cityHash64('liked', a, i, c) % 20, false, 'hot',
    'urn:weiplomacy:replica', 'weiplomacy/0.1.0', lane_of(a), toUInt16(post_id % 8), (i * 1000 + intDiv(a, 8)) * 2 + c, observed_at
-- posts
ARRAY JOIN two AS c
