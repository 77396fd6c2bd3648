-- Columns that questions add up are read three times as fast where LZ4 packs them, and there are few of them: one per
-- post, day or visit, beside hundreds of samples. Parts that are there change when they are merged.

-- statement: post_measures
ALTER TABLE weibo_store.post_measures
    MODIFY COLUMN reposts CODEC(LZ4),
    MODIFY COLUMN reposts_low CODEC(LZ4),
    MODIFY COLUMN reposts_high CODEC(LZ4),
    MODIFY COLUMN comments CODEC(LZ4),
    MODIFY COLUMN comments_low CODEC(LZ4),
    MODIFY COLUMN comments_high CODEC(LZ4),
    MODIFY COLUMN likes CODEC(LZ4),
    MODIFY COLUMN likes_low CODEC(LZ4),
    MODIFY COLUMN likes_high CODEC(LZ4),
    MODIFY COLUMN views CODEC(LZ4),
    MODIFY COLUMN views_low CODEC(LZ4),
    MODIFY COLUMN views_high CODEC(LZ4),
    MODIFY COLUMN created_at CODEC(Delta(8), LZ4),
    MODIFY COLUMN post_id CODEC(Delta(8), LZ4),
    MODIFY COLUMN followers_at_posting CODEC(Delta(8), LZ4),
    MODIFY COLUMN velocity CODEC(LZ4),
    MODIFY COLUMN hours_to_50 CODEC(LZ4),
    MODIFY COLUMN hours_to_90 CODEC(LZ4),
    MODIFY COLUMN half_life_hours CODEC(LZ4),
    MODIFY COLUMN score_age_s CODEC(LZ4),
    MODIFY COLUMN score_interactions CODEC(LZ4),
    MODIFY COLUMN expected CODEC(LZ4)

-- statement: post_ages
ALTER TABLE weibo_store.post_ages
    MODIFY COLUMN reposts CODEC(LZ4),
    MODIFY COLUMN comments CODEC(LZ4),
    MODIFY COLUMN likes CODEC(LZ4),
    MODIFY COLUMN views CODEC(LZ4),
    MODIFY COLUMN expected CODEC(LZ4)

-- statement: account_days
ALTER TABLE weibo_store.account_days
    MODIFY COLUMN interactions_gained_low CODEC(LZ4),
    MODIFY COLUMN interactions_gained_high CODEC(LZ4),
    MODIFY COLUMN followers CODEC(Delta(8), LZ4),
    MODIFY COLUMN posts_reported CODEC(Delta(8), LZ4),
    MODIFY COLUMN posts_reported_high CODEC(Delta(8), LZ4),
    MODIFY COLUMN newest_sample_at CODEC(Delta(8), LZ4),
    MODIFY COLUMN last_post_at CODEC(Delta(8), LZ4),
    MODIFY COLUMN last_post_id CODEC(Delta(8), LZ4)

-- statement: account_snapshots
ALTER TABLE weibo_store.account_snapshots
    MODIFY COLUMN followers CODEC(Delta(8), LZ4),
    MODIFY COLUMN following CODEC(Delta(8), LZ4),
    MODIFY COLUMN posts CODEC(Delta(8), LZ4)

-- statement: comment_versions
ALTER TABLE weibo_store.comment_versions MODIFY COLUMN created_at CODEC(LZ4)

-- statement: receipts
ALTER TABLE weibo_store.receipts MODIFY COLUMN cycle CODEC(LZ4)
