-- What the alerter tells, every change of every episode, and what became of it at the channels; one row per message.

-- statement: alert_changes
CREATE TABLE IF NOT EXISTS weibo_store.alert_changes
(
    episode_id String COMMENT 'what happened, to whom, since when: kind:subject:start' CODEC(ZSTD(3)),
    number UInt32 COMMENT 'the how-manieth change of the episode, from 1' CODEC(T64, ZSTD(1)),
    change LowCardinality(String) COMMENT 'started, escalated, updated or ended',
    kind LowCardinality(String) COMMENT 'what happened, such as post_rise or post_removed',
    audience LowCardinality(String) COMMENT 'whom it concerns: press, or ops',
    severity LowCardinality(String) COMMENT 'notice, warning or critical',
    subject LowCardinality(String) COMMENT 'post, account, country, all or lane',
    account_id LowCardinality(Nullable(String)) COMMENT 'the account, where it is about one or its post',
    post_id Nullable(UInt64) COMMENT 'the post, where it is about one' CODEC(ZSTD(1)),
    country LowCardinality(Nullable(String)) COMMENT 'ISO 3166 code, where it is about the accounts of a country',
    lane LowCardinality(Nullable(String)) COMMENT 'worker:lane, where it is about one',
    started_at DateTime64(3, 'UTC') COMMENT 'the observation that began the episode, UTC' CODEC(T64, ZSTD(1)),
    observed_at DateTime64(3, 'UTC') COMMENT 'the observation that made this change, UTC' CODEC(T64, ZSTD(1)),
    ended_at Nullable(DateTime64(3, 'UTC')) COMMENT 'when it was over, UTC; null: it was not yet' CODEC(ZSTD(1)),
    score Float64 COMMENT 'how far from what is expected: 1 is where the default rule tells somebody' CODEC(ZSTD(1)),
    peak_score Float64 COMMENT 'the highest score of the episode so far' CODEC(ZSTD(1)),
    peak_at DateTime64(3, 'UTC') COMMENT 'when that was observed, UTC' CODEC(T64, ZSTD(1)),
    metric LowCardinality(Nullable(String)) COMMENT 'what decided: reposts, comments, likes, interactions, followers; null: a mere fact',
    value Nullable(Float64) COMMENT 'its value' CODEC(ZSTD(1)),
    at_least Bool COMMENT 'the counter is capped: the value is at least that',
    expected Nullable(Float64) COMMENT 'what was to be expected at this age and hour' CODEC(ZSTD(1)),
    expected_low Nullable(Float64) COMMENT 'lower end of the usual range' CODEC(ZSTD(1)),
    expected_high Nullable(Float64) COMMENT 'upper end of the usual range' CODEC(ZSTD(1)),
    peak_value Nullable(Float64) COMMENT 'the highest value of the episode so far' CODEC(ZSTD(1)),
    age_s Nullable(Float64) COMMENT 'of a post: seconds since its publication' CODEC(ZSTD(1)),
    per_hour Nullable(Float64) COMMENT 'how fast the metric grows, per hour' CODEC(ZSTD(1)),
    gap_s Nullable(Float64) COMMENT 'seconds since the observation before' CODEC(ZSTD(1)),
    basis_kind LowCardinality(Nullable(String)) COMMENT 'what the expectation rests on: type, account, peers, curve or series',
    basis_members Nullable(UInt64) COMMENT 'from so many posts, or buckets of a series' CODEC(ZSTD(1)),
    basis_wanted Nullable(UInt64) COMMENT 'with fewer it is provisional' CODEC(ZSTD(1)),
    basis_since Nullable(DateTime64(3, 'UTC')) COMMENT 'the oldest of them, UTC' CODEC(ZSTD(1)),
    basis_until Nullable(DateTime64(3, 'UTC')) COMMENT 'the newest of them, UTC' CODEC(ZSTD(1)),
    incomplete Bool COMMENT 'data were late or missing: this may change',
    coverage Nullable(Float64) COMMENT 'share of what the last visit should have read that it read, 0 to 1' CODEC(ZSTD(1)),
    detail Nullable(String) COMMENT 'of a fact: what exactly' CODEC(ZSTD(3)),
    words Nullable(String) COMMENT 'the first words of the post, plain text from Weibo' CODEC(ZSTD(3)),
    url Nullable(String) COMMENT 'the post or account on Weibo' CODEC(ZSTD(3)),
    terms Array(String) COMMENT 'words that mark a wave, from at least five commenters' CODEC(ZSTD(3)),
    before LowCardinality(Nullable(String)) COMMENT 'severity that was told before; null: none',
    muted_by Nullable(String) COMMENT 'episode of the account that speaks for this one; null: none' CODEC(ZSTD(3)),
    story Nullable(String) COMMENT 'first episode of a story that several accounts share; null: none' CODEC(ZSTD(3)),
    accounts Array(LowCardinality(String)) COMMENT 'accounts that share in it, where several do' CODEC(ZSTD(1)),
    software LowCardinality(String) COMMENT 'the alerter that said it',
    ce_source LowCardinality(String) COMMENT 'live, or replica',
    kafka_partition UInt16 COMMENT 'partition in weibo.alerts' CODEC(ZSTD(1)),
    kafka_offset UInt64 COMMENT 'offset in its partition' CODEC(Delta, ZSTD(1)),
    batch_first UInt64 COMMENT 'first offset of the batch that it was written with; 0 once expired' CODEC(Delta, ZSTD(1)) TTL toDateTime(ingested_at) + toIntervalDay(30),
    batch_last UInt64 COMMENT 'last offset of that batch; 0 once expired' CODEC(Delta, ZSTD(1)) TTL toDateTime(ingested_at) + toIntervalDay(30),
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'machine time at which ClickHouse had it' CODEC(Delta, ZSTD(1)),
    INDEX by_offset kafka_offset TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
ORDER BY (started_at, episode_id, number)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'An episode changed, one row per message.'

-- statement: alert_deliveries
CREATE TABLE IF NOT EXISTS weibo_store.alert_deliveries
(
    channel LowCardinality(String) COMMENT 'channel of the rules',
    episode_id String COMMENT 'the episode' CODEC(ZSTD(3)),
    number UInt32 COMMENT 'change of the episode' CODEC(T64, ZSTD(1)),
    outcome LowCardinality(String) COMMENT 'owed, delivered, retrying, dead or repeat_failed',
    attempt UInt32 COMMENT 'attempts so far' CODEC(T64, ZSTD(1)),
    reason LowCardinality(Nullable(String)) COMMENT 'why it was given up',
    told_by Nullable(UInt32) COMMENT 'later change whose message told this one too' CODEC(ZSTD(1)),
    digest Nullable(String) COMMENT 'digest that told it' CODEC(ZSTD(3)),
    code Nullable(String) COMMENT 'code of the provider' CODEC(ZSTD(3)),
    words Nullable(String) COMMENT 'words of the provider' CODEC(ZSTD(3)),
    latency_ms Nullable(Float64) COMMENT 'how long the provider took to answer' CODEC(ZSTD(1)),
    waited_ms Nullable(Float64) COMMENT 'from when the sender had it until the attempt was over' CODEC(ZSTD(1)),
    retry_at Nullable(DateTime64(3, 'UTC')) COMMENT 'when it is tried again' CODEC(ZSTD(1)),
    software LowCardinality(String) COMMENT 'the sender',
    observed_at DateTime64(3, 'UTC') COMMENT 'when it was so, machine time' CODEC(T64, ZSTD(1)),
    ce_source LowCardinality(String) COMMENT 'live, or replica',
    kafka_partition UInt16 COMMENT 'partition in weibo.alert-deliveries' CODEC(ZSTD(1)),
    kafka_offset UInt64 COMMENT 'offset in its partition' CODEC(Delta, ZSTD(1)),
    batch_first UInt64 COMMENT 'first offset of the batch that it was written with; 0 once expired' CODEC(Delta, ZSTD(1)) TTL toDateTime(ingested_at) + toIntervalDay(30),
    batch_last UInt64 COMMENT 'last offset of that batch; 0 once expired' CODEC(Delta, ZSTD(1)) TTL toDateTime(ingested_at) + toIntervalDay(30),
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'machine time at which ClickHouse had it' CODEC(Delta, ZSTD(1)),
    INDEX by_offset kafka_offset TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
ORDER BY (channel, episode_id, number, observed_at)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'What became of an alert at a channel, one row per message.'

-- statement: ops' view of the deliveries
CREATE OR REPLACE VIEW weibo_store.deliveries AS
SELECT
    channel, episode_id, number, outcome, attempt, reason, told_by, digest, code, words, latency_ms, waited_ms, retry_at,
    software, observed_at, toTimeZone(observed_at, 'Asia/Shanghai') AS observed_at_beijing, ce_source, ingested_at
FROM weibo_store.alert_deliveries
ORDER BY kafka_offset DESC
LIMIT 1 BY channel, episode_id, number, outcome, attempt
COMMENT 'What became of each change of an alert at each channel, for ops. 预警投递记录'

-- statement: alerts
CREATE OR REPLACE VIEW weibo.alerts AS
SELECT
    episode_id, number, change, kind, audience, severity, subject, account_id, post_id, country, lane, started_at,
    toTimeZone(started_at, 'Asia/Shanghai') AS started_at_beijing, observed_at,
    toTimeZone(observed_at, 'Asia/Shanghai') AS observed_at_beijing, ended_at,
    toTimeZone(ended_at, 'Asia/Shanghai') AS ended_at_beijing, score, peak_score, peak_at, metric, value, at_least,
    expected, expected_low, expected_high, peak_value, age_s, per_hour, gap_s, basis_kind, basis_members,
    basis_wanted, basis_since, basis_until, incomplete, coverage, detail, words, url, terms, before, muted_by, story,
    accounts, software, ce_source, ingested_at
FROM weibo_store.alert_changes
ORDER BY kafka_offset DESC
LIMIT 1 BY episode_id, number
COMMENT 'Every change of every alert: what rose, fell or vanished, beside what was to be expected. 预警及其每次变化'

-- statement: the words of alerts
ALTER TABLE weibo.alerts
    COMMENT COLUMN `episode_id` 'what happened, to whom, since when: kind:subject:start 事件编号：类型、对象、开始时间',
    COMMENT COLUMN `number` 'the how-manieth change of the episode, from 1 第几次变化',
    COMMENT COLUMN `change` 'started, escalated, updated or ended 变化：开始、升级、更新、结束',
    COMMENT COLUMN `kind` 'what happened, such as post_rise or post_removed 类型',
    COMMENT COLUMN `audience` 'whom it concerns: press, or ops 面向：新闻官或运维',
    COMMENT COLUMN `severity` 'notice, warning or critical 严重程度',
    COMMENT COLUMN `subject` 'post, account, country, all or lane 对象种类',
    COMMENT COLUMN `account_id` 'the account, where it is about one or its post 帐号',
    COMMENT COLUMN `post_id` 'the post, where it is about one 微博编号',
    COMMENT COLUMN `country` 'ISO 3166 code, where it is about the accounts of a country 国家代码',
    COMMENT COLUMN `lane` 'worker:lane, where it is about one 会话通道',
    COMMENT COLUMN `started_at` 'the observation that began the episode, UTC 开始时间（UTC）',
    COMMENT COLUMN `started_at_beijing` 'the same in Beijing time 开始时间（北京）',
    COMMENT COLUMN `observed_at` 'the observation that made this change, UTC 变化时间（UTC）',
    COMMENT COLUMN `observed_at_beijing` 'the same in Beijing time 变化时间（北京）',
    COMMENT COLUMN `ended_at` 'when it was over, UTC; null: it was not yet 结束时间（UTC）',
    COMMENT COLUMN `ended_at_beijing` 'the same in Beijing time 结束时间（北京）',
    COMMENT COLUMN `score` 'how far from what is expected: 1 is where the default rule tells somebody 偏离程度',
    COMMENT COLUMN `peak_score` 'the highest score of the episode so far 最高偏离程度',
    COMMENT COLUMN `peak_at` 'when that was observed, UTC 达到最高的时间（UTC）',
    COMMENT COLUMN `metric` 'what decided: reposts, comments, likes, interactions, followers; null: a mere fact 指标',
    COMMENT COLUMN `value` 'its value 数值',
    COMMENT COLUMN `at_least` 'the counter is capped: the value is at least that 是否仅为下限',
    COMMENT COLUMN `expected` 'what was to be expected at this age and hour 预期值',
    COMMENT COLUMN `expected_low` 'lower end of the usual range 通常范围下限',
    COMMENT COLUMN `expected_high` 'upper end of the usual range 通常范围上限',
    COMMENT COLUMN `peak_value` 'the highest value of the episode so far 最高数值',
    COMMENT COLUMN `age_s` 'of a post: seconds since its publication 发布后秒数',
    COMMENT COLUMN `per_hour` 'how fast the metric grows, per hour 每小时增长',
    COMMENT COLUMN `gap_s` 'seconds since the observation before 距上次观测秒数',
    COMMENT COLUMN `basis_kind` 'what the expectation rests on: type, account, peers, curve or series 预期依据',
    COMMENT COLUMN `basis_members` 'from so many posts, or buckets of a series 依据数量',
    COMMENT COLUMN `basis_wanted` 'with fewer it is provisional 所需数量',
    COMMENT COLUMN `basis_since` 'the oldest of them, UTC 依据起点（UTC）',
    COMMENT COLUMN `basis_until` 'the newest of them, UTC 依据终点（UTC）',
    COMMENT COLUMN `incomplete` 'data were late or missing: this may change 数据是否可能不全',
    COMMENT COLUMN `coverage` 'share of what the last visit should have read that it read, 0 to 1 覆盖率',
    COMMENT COLUMN `detail` 'of a fact: what exactly 细节',
    COMMENT COLUMN `words` 'the first words of the post, plain text from Weibo 微博开头文字',
    COMMENT COLUMN `url` 'the post or account on Weibo 链接',
    COMMENT COLUMN `terms` 'words that mark a wave, from at least five commenters 特征词',
    COMMENT COLUMN `before` 'severity that was told before; null: none 此前严重程度',
    COMMENT COLUMN `muted_by` 'episode of the account that speaks for this one; null: none 由哪一事件代为通知',
    COMMENT COLUMN `story` 'first episode of a story that several accounts share; null: none 所属共同事件',
    COMMENT COLUMN `accounts` 'accounts that share in it, where several do 涉及帐号',
    COMMENT COLUMN `software` 'the alerter that said it 软件版本',
    COMMENT COLUMN `ce_source` 'live, or replica 来源',
    COMMENT COLUMN `ingested_at` 'machine time at which ClickHouse had it 入库时间'
