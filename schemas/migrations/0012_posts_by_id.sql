-- A post is asked for by its id alone, and the tables stand by account: a filter per granule says where an id may be.

-- statement: post_versions by id
ALTER TABLE weibo_store.post_versions ADD INDEX IF NOT EXISTS by_post post_id TYPE bloom_filter(0.001) GRANULARITY 1

-- statement: post_versions by id, what is there
ALTER TABLE weibo_store.post_versions MATERIALIZE INDEX by_post

-- statement: post_latest by id
ALTER TABLE weibo_store.post_latest ADD INDEX IF NOT EXISTS by_post post_id TYPE bloom_filter(0.001) GRANULARITY 1

-- statement: post_latest by id, what is there
ALTER TABLE weibo_store.post_latest MATERIALIZE INDEX by_post

-- statement: post_removals by id
ALTER TABLE weibo_store.post_removals ADD INDEX IF NOT EXISTS by_post post_id TYPE bloom_filter(0.001) GRANULARITY 1

-- statement: post_removals by id, what is there
ALTER TABLE weibo_store.post_removals MATERIALIZE INDEX by_post

-- statement: post_measures by id
ALTER TABLE weibo_store.post_measures ADD INDEX IF NOT EXISTS by_post post_id TYPE bloom_filter(0.001) GRANULARITY 1

-- statement: post_measures by id, what is there
ALTER TABLE weibo_store.post_measures MATERIALIZE INDEX by_post
