-- group: performance
-- english: How do countries compare: accounts, followers, posts, interactions per post?
-- chinese: 各国对照：帐号、粉丝、发帖、每帖互动
-- parameter: bloc String = ''; a bloc of states: EU, NATO, G7, BRICS, ASEAN, SCO; 国家集团
-- parameter: days UInt16 = 30; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- note: China's own missions abroad are left out; 不含中国驻外机构
WITH
    period AS
    (
        SELECT account_id, sumIf(toNullable(interactions_gained), samples > 0) AS gained,
            toNullable(sum(posts_published)) AS published
        FROM weibo.account_days
        WHERE day BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
        GROUP BY account_id
    ),
    measured AS
    (
        SELECT account_id, groupArray(assumeNotNull(interactions)) AS per_post
        FROM weibo.post_measures
        WHERE toDate(created_at_beijing) BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date} AND isNotNull(interactions)
        GROUP BY account_id
    ),
    audience AS
    (
        SELECT account_id, toNullable(followers) AS counted FROM weibo.ranking(at = toString({until:Date}))
    )
SELECT
    accounts.country_code AS country_code, any(country_en) AS country, any(country_zh) AS country_in_chinese,
    count() AS accounts, sum(counted) AS followers, count(counted) AS accounts_known,
    sum(published) AS posts, sum(gained) AS interactions_gained,
    sum(length(per_post)) AS posts_known, if(posts_known = 0, NULL, round(avgArray(per_post), 1)) AS mean_per_post,
    if(posts_known = 0, NULL, round(quantileExactInclusiveArray(0.5)(per_post), 1)) AS median_per_post
FROM weibo.accounts AS accounts
LEFT JOIN period ON period.account_id = accounts.account_id
LEFT JOIN measured ON measured.account_id = accounts.account_id
LEFT JOIN audience ON audience.account_id = accounts.account_id
WHERE mission != 'chinese_mission' AND isNotNull(accounts.country_code) AND ({bloc:String} = '' OR has(bloc, {bloc:String}))
GROUP BY country_code
ORDER BY interactions_gained DESC NULLS LAST, followers DESC NULLS LAST, country_code
