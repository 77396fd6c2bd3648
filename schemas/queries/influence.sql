-- group: performance
-- english: Who is most influential as Jiang counts it (comments and reposts per post), beside followers: both ranks and how far they differ?
-- chinese: 影响力（每帖评论+转发，Jiang 的算法）与粉丝名次对照
-- parameter: bloc String = ''; a bloc of states: EU, NATO, G7, BRICS, ASEAN, SCO; 国家集团
-- parameter: days UInt16 = 180; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- parameter: least UInt32 = 5; posts with known counters at least; 至少多少条已知微博
-- note: likes stand apart, as Jiang leaves them out; difference is rank by followers less rank by influence: positive means more influence than followers; 点赞另列；difference 为粉丝名次减影响力名次，正数表示影响力高于粉丝
WITH
    influence AS
    (
        SELECT
            account_id, count() AS posts, count(comments + reposts) AS known, avg(comments + reposts) AS per_post,
            avg(likes) AS likes_per_post
        FROM weibo.post_measures
        WHERE toDate(created_at_beijing) BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
            AND ({bloc:String} = ''
                OR account_id IN (SELECT account_id FROM weibo.accounts WHERE has(bloc, {bloc:String})))
        GROUP BY account_id
        HAVING known >= {least:UInt32}
    )
SELECT
    rank() OVER (ORDER BY per_post DESC) AS influence_rank,
    if(isNull(followers), NULL, rank() OVER (ORDER BY followers DESC NULLS LAST)) AS followers_rank,
    toInt64(followers_rank) - toInt64(influence_rank) AS difference,
    influence.account_id AS account_id, round(per_post, 2) AS comments_and_reposts_per_post,
    round(likes_per_post, 2) AS likes_per_post, posts, known, followers, followers_precision, observed_at AS followers_at
FROM influence
LEFT JOIN
(
    SELECT account_id, toNullable(followers) AS followers, toNullable(followers_precision) AS followers_precision,
        toNullable(observed_at) AS observed_at
    FROM weibo.ranking(at = toString({until:Date}))
) AS ranking ON ranking.account_id = influence.account_id
ORDER BY influence_rank, account_id
