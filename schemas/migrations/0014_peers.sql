-- What is to be expected of posts of accounts that have too few of their own: what posts of accounts with about as many
-- followers had at the same age. Everything is computed again, since the statements have another revision.

-- statement: what posts of accounts with about as many followers had
CREATE TABLE IF NOT EXISTS weibo_store.peer_expectations
(
    peer_group UInt8 COMMENT 'decimal digits of the followers at posting' CODEC(ZSTD(1)),
    age_s UInt32 CODEC(ZSTD(1)),
    day Date32 COMMENT 'in Beijing, on which the post was published that is judged: the thirty days before count' CODEC(Delta, ZSTD(1)),
    expected Float64 COMMENT 'interactions; the posts of an account that is judged are among its peers''' CODEC(ZSTD(1)),
    posts UInt16 COMMENT '20 at least; at most 100 of each day' CODEC(T64, ZSTD(1)),
    accounts UInt16 COMMENT '3 at least' CODEC(T64, ZSTD(1)),
    derived_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    gone UInt8 COMMENT '1: this row is no more, there are too few posts'
)
ENGINE = ReplacingMergeTree(derived_at, gone)
ORDER BY (peer_group, age_s, day)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'What is to be expected of a post by its account''s followers, its age and the day of its publication, derived.'

-- statement: followers of each account, moment by moment, as far as they are known
CREATE OR REPLACE VIEW weibo_store.followers_seen AS
SELECT s.account_id AS account_id, s.observed_at AS observed_at, argMax(s.followers, s.kafka_offset) AS figure
FROM weibo_store.account_snapshots AS s
WHERE isNotNull(s.followers)
GROUP BY account_id, observed_at
COMMENT 'Followers of each account at the moments at which they were seen.'

-- statement: post_ages: whose peers the account has, and how many posts of its own there are
ALTER TABLE weibo_store.post_ages
    ADD COLUMN IF NOT EXISTS own_posts UInt16 COMMENT 'posts of the account that an expectation could rest on, whatever it rests on' CODEC(T64, ZSTD(1)) AFTER benchmark,
    ADD COLUMN IF NOT EXISTS peer_group UInt8 COMMENT 'decimal digits of the followers at posting; 0: not known, so there are no peers' CODEC(ZSTD(1)) AFTER own_posts

-- statement: post_ages by when they were computed
ALTER TABLE weibo_store.post_ages ADD INDEX IF NOT EXISTS by_derivation derived_at TYPE minmax GRANULARITY 1

-- statement: derivations: until when peers have what was derived
ALTER TABLE weibo_store.derivations
    ADD COLUMN IF NOT EXISTS peers_until DateTime64(3, 'UTC') COMMENT 'what was derived before is in the expectations from peers' AFTER revision

-- statement: counters_at_age: what the expectation may be
ALTER TABLE weibo.counters_at_age
    COMMENT COLUMN `expected` 'interactions that were to be expected: of the account''s last 100 posts of the kind, none older than a year, without the highest and the lowest quarter, the mean; of all kinds where one has fewer than 20; where these are fewer too, of posts that accounts with as many digits of followers published in the thirty days before, at most 100 of a day, its own among them 预期互动（依次取本帐号同类、本帐号全部、粉丝位数相同的帐号近30天的微博）',
    COMMENT COLUMN `benchmark_posts` 'posts behind the expectation; below 20 there is none 基准微博数',
    COMMENT COLUMN `benchmark` 'type, account, peers, or empty: too few 基准（同类、本帐号、粉丝位数相同的帐号，空为不足）'

-- statement: post_measures: what the expectation may be
ALTER TABLE weibo.post_measures
    COMMENT COLUMN `benchmark` 'type: posts of its kind; account: all posts of the account; peers: posts of accounts with as many digits of followers; empty: too few 基准（同类、本帐号、粉丝位数相同的帐号，空为不足）'
