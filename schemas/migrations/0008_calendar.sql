-- The calendar that analysts lay beside waves: what happened, or comes round, on which day in Beijing. What grew between
-- two days is a question by now (schemas/queries/growth.sql), and no view.

-- statement: ranking_growth is no view any more
DROP VIEW IF EXISTS weibo.ranking_growth

-- statement: the calendar, ours and the operator''s
CREATE TABLE IF NOT EXISTS weibo_store.calendar
(
    loaded_at DateTime64(3, 'UTC') COMMENT 'the newest load counts',
    day_from Date COMMENT 'first day, in Beijing',
    day_to Date COMMENT 'last day, in Beijing',
    name_en String,
    name_zh String,
    country_code Nullable(String) COMMENT 'whose accounts it concerns; null: all',
    kind LowCardinality(String),
    source String COMMENT 'who says so'
)
ENGINE = MergeTree
ORDER BY (loaded_at, day_from, name_en)
SETTINGS
    non_replicated_deduplication_window = 10000,
    replicated_deduplication_window = 10000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'The calendar, one row per event and load.'

-- statement: calendar
CREATE OR REPLACE VIEW weibo.calendar AS
SELECT day_from, day_to, name_en, name_zh, country_code, kind, source
FROM weibo_store.calendar
WHERE loaded_at = (SELECT max(loaded_at) FROM weibo_store.calendar)
COMMENT 'What happened, or comes round, on which days in Beijing: ours and the operator''s own, to lay beside waves. 事件日历'

-- statement: the words of calendar
ALTER TABLE weibo.calendar
    COMMENT COLUMN `day_from` 'first day, in Beijing 起始日（北京时间）',
    COMMENT COLUMN `day_to` 'last day, in Beijing 截止日（北京时间）',
    COMMENT COLUMN `name_en` 'what it is, in English 英文名称',
    COMMENT COLUMN `name_zh` 'what it is, in Chinese 中文名称',
    COMMENT COLUMN `country_code` 'country whose accounts it concerns; null: all 涉及国家，空为全部',
    COMMENT COLUMN `kind` 'death, vote, holiday, anniversary, or the operator''s own word 类别',
    COMMENT COLUMN `source` 'who says so 出处'
