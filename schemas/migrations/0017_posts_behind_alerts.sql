-- The posts behind an account's wave.

-- statement: alert_changes: behind
ALTER TABLE weibo_store.alert_changes
    ADD COLUMN IF NOT EXISTS behind Array(UInt64) COMMENT 'posts that gained most of an account''s wave' CODEC(ZSTD(3)) AFTER accounts

-- statement: alerts
CREATE OR REPLACE VIEW weibo.alerts AS
SELECT
    episode_id, number, change, kind, audience, severity, subject, account_id, post_id, country, lane, started_at,
    toTimeZone(started_at, 'Asia/Shanghai') AS started_at_beijing, observed_at,
    toTimeZone(observed_at, 'Asia/Shanghai') AS observed_at_beijing, ended_at,
    toTimeZone(ended_at, 'Asia/Shanghai') AS ended_at_beijing, score, peak_score, peak_at, metric, value, at_least,
    expected, expected_low, expected_high, peak_value, age_s, per_hour, gap_s, basis_kind, basis_members,
    basis_wanted, basis_since, basis_until, incomplete, coverage, detail, words, url, topics, terms, before, muted_by,
    story, accounts, behind, software, ce_source, ingested_at
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
    COMMENT COLUMN `topics` 'topics of the posts behind a rise, or of its story 话题',
    COMMENT COLUMN `terms` 'words that mark a wave or its story, each from at least five commenters 特征词',
    COMMENT COLUMN `before` 'severity that was told before; null: none 此前严重程度',
    COMMENT COLUMN `muted_by` 'episode of the account that speaks for this one; null: none 由哪一事件代为通知',
    COMMENT COLUMN `story` 'first episode of a story that several accounts share; null: none 所属共同事件',
    COMMENT COLUMN `accounts` 'accounts that share in it, where several do 涉及帐号',
    COMMENT COLUMN `behind` 'of an account''s wave: posts that gained most of it lately, the one with the most first 相关微博编号',
    COMMENT COLUMN `software` 'the alerter that said it 软件版本',
    COMMENT COLUMN `ce_source` 'live, or replica 来源',
    COMMENT COLUMN `ingested_at` 'machine time at which ClickHouse had it 入库时间'
