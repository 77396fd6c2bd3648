-- group: performance
-- english: Which share of all interactions that were gained in the period went to whom?
-- chinese: 期内新增互动中各帐号所占份额
-- parameter: bloc String = ''; a bloc of states: EU, NATO, G7, BRICS, ASEAN, SCO; 国家集团
-- parameter: days UInt16 = 30; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- note: known changes only, falls included; unknown counts those that rounding or gaps hide; 仅计已知增减（含减少），unknown 为未知者
SELECT
    account_id, sumIf(toNullable(interactions_gained), samples > 0) AS interactions,
    round(100 * interactions / nullIf(sum(interactions) OVER (), 0), 2) AS share_percent,
    sumIf(toNullable(reposts_gained), samples > 0) AS reposts,
    sumIf(toNullable(comments_gained), samples > 0) AS comments, sumIf(toNullable(likes_gained), samples > 0) AS likes,
    sum(posts_published) AS posts, sum(deltas_unknown) AS unknown, max(newest_sample_at) AS newest_sample_at
FROM weibo.account_days
WHERE day BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
    AND ({bloc:String} = ''
        OR account_id IN (SELECT account_id FROM weibo.accounts WHERE has(bloc, {bloc:String})))
GROUP BY account_id
ORDER BY interactions DESC NULLS LAST, account_id
