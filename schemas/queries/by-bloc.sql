-- group: performance
-- english: How do blocs of states compare: members with accounts, followers, posts, share of interactions?
-- chinese: 各国家集团对照
-- parameter: days UInt16 = 30; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- note: a state may be in several blocs, so shares do not add up to 100; membership is that of the registry, not of the period; 一国可属多个集团，份额之和不为100
WITH
    period AS
    (
        SELECT account_id, sumIf(toNullable(interactions_gained), samples > 0) AS gained,
            toNullable(sum(posts_published)) AS published
        FROM weibo.account_days
        WHERE day BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
        GROUP BY account_id
    ),
    audience AS
    (
        SELECT account_id, toNullable(followers) AS counted FROM weibo.ranking(at = toString({until:Date}))
    ),
    whole AS
    (
        SELECT sum(gained) AS everyone FROM period
    )
SELECT
    bloc_id AS bloc, uniqExact(country_code) AS countries, count() AS accounts, sum(counted) AS followers,
    sum(published) AS posts, sum(gained) AS interactions_gained,
    round(100 * interactions_gained / nullIf(any(everyone), 0), 2) AS share_percent,
    round(interactions_gained / nullIf(posts, 0), 1) AS interactions_per_post
FROM (SELECT account_id, country_code, arrayJoin(bloc) AS bloc_id FROM weibo.accounts) AS members
LEFT JOIN period ON period.account_id = members.account_id
LEFT JOIN audience ON audience.account_id = members.account_id
CROSS JOIN whole
GROUP BY bloc_id
ORDER BY interactions_gained DESC NULLS LAST, bloc
