-- group: interference
-- english: Which accounts meet with how much interference, of which kinds, and on which share of their posts?
-- chinese: 各帐号遭遇干预的次数、种类与占比
-- parameter: days UInt16 = 365; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- note: edits are the account's own; counts that fall may be Weibo's cleaning of accounts; 修改出自帐号自身；计数减少可能是平台清理
WITH
    published AS
    (
        SELECT account_id, count() AS posts
        FROM weibo.post_measures
        WHERE toDate(created_at_beijing) BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
        GROUP BY account_id
    )
SELECT
    incidents.account_id AS account_id, countIf(what != 'edited') AS incidents_in_all, countIf(what = 'removed') AS removed,
    countIf(what = 'removed' AND isNotNull(confirmed_at)) AS removed_confirmed,
    countIf(what = 'comments_closed') AS comments_closed, countIf(what = 'comments_curated') AS comments_curated,
    countIf(what IN ('likes_lost', 'reposts_lost', 'comments_lost')) AS counts_lost, countIf(what = 'account_gone') AS account_gone,
    countIf(what = 'edited') AS edited, uniqExactIf(post_id, what != 'edited') AS posts_met, any(posts) AS posts_of_period,
    round(100 * posts_met / nullIf(posts_of_period, 0), 2) AS posts_met_percent, max(first_seen_at) AS newest_at
FROM weibo.interference AS incidents
LEFT JOIN published ON published.account_id = incidents.account_id
WHERE toDate(first_seen_at_beijing) BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
GROUP BY account_id
ORDER BY incidents_in_all DESC, account_id
