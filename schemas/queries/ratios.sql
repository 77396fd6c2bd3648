-- group: performance
-- english: Which posts draw many comments or reposts for their likes (argument rather than approval), against the account's usual?
-- chinese: 哪些微博评论或转发相对点赞偏多（争议多于赞同）？
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
-- parameter: days UInt16 = 30; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- parameter: least UInt32 = 20; comments at least; 评论数下限
-- parameter: limit UInt16 = 20; rows at most; 行数上限
-- note: a high ratio is a signal of argument, not a measure of anger; 比值高只是争议的信号，不等于愤怒
WITH
    usual AS
    (
        SELECT
            account_id, quantileExactInclusive(0.5)(comments_per_like) AS usual_comments_per_like, count(comments_per_like) AS known
        FROM weibo.post_measures
        WHERE toDate(created_at_beijing) BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
            AND ({country:String} = ''
                OR account_id IN (SELECT account_id FROM weibo.accounts WHERE country_code = {country:String}))
        GROUP BY account_id
    )
SELECT
    measures.account_id AS account_id, post_id, created_at_beijing, comments, likes, reposts,
    round(measures.comments_per_like, 3) AS comments_per_like, round(reposts_per_like, 3) AS reposts_per_like,
    round(usual.usual_comments_per_like, 3) AS usual_comments_per_like, known AS usual_from_posts,
    round(measures.comments_per_like / nullIf(usual.usual_comments_per_like, 0), 2) AS times_usual, observed_at
FROM weibo.post_measures AS measures
INNER JOIN usual ON usual.account_id = measures.account_id
WHERE toDate(created_at_beijing) BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date} AND comments >= {least:UInt32}
ORDER BY measures.comments_per_like DESC NULLS LAST, account_id, post_id
LIMIT {limit:UInt16}
