-- group: performance
-- english: Who gains momentum: interactions, posts and followers of this period beside the one before?
-- chinese: 谁在升温：本期与上期的互动、发帖、粉丝对照
-- parameter: bloc String = ''; a bloc of states: EU, NATO, G7, BRICS, ASEAN, SCO; 国家集团
-- parameter: days UInt16 = 30; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
SELECT
    account_id,
    sumIf(toNullable(interactions_gained), now AND samples > 0) AS interactions,
    sumIf(toNullable(interactions_gained), NOT now AND samples > 0) AS interactions_before,
    round(100 * (toInt64(interactions) - toInt64(interactions_before)) / nullIf(interactions_before, 0), 1) AS interactions_percent,
    sumIf(toNullable(posts_published), now) AS posts, sumIf(toNullable(posts_published), NOT now) AS posts_before,
    argMaxIf(counted, day, now) AS followers, argMaxIf(counted, day, NOT now) AS followers_before,
    countIf(visits_complete > 0 AND now) AS days_covered, countIf(visits_complete > 0 AND NOT now) AS days_covered_before,
    max(newest_sample_at) AS newest_sample_at
FROM
(
    SELECT *, followers AS counted, day > {until:Date} - {days:UInt16} AS now
    FROM weibo.account_days
    WHERE day BETWEEN {until:Date} - 2 * {days:UInt16} + 1 AND {until:Date}
        AND ({bloc:String} = ''
            OR account_id IN (SELECT account_id FROM weibo.accounts WHERE has(bloc, {bloc:String})))
)
GROUP BY account_id
ORDER BY interactions DESC NULLS LAST, account_id
