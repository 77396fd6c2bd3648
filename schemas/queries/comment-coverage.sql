-- group: trust
-- english: How much of the lists under posts could be read, and how much is shown to nobody?
-- chinese: 帖下列表读到多少，多少无人可见？
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
-- parameter: days UInt16 = 7; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- note: hidden is what the post counts less what its list says of itself: nobody is shown it; hidden 为帖子计数减列表自报数，无人可见
SELECT
    account_id, list, count() AS lists, sum(reported) AS reported_in_all, sum(listed) AS listed_in_all, sum(captured) AS read,
    sum((toInt64(reported) - toInt64(listed)) * (reported > listed)) AS hidden,
    countIf(ended_by = 'end') AS read_to_the_end, countIf(ended_by = 'comments_closed') AS closed,
    countIf(ended_by = 'comments_curated') AS curated
FROM
(
    SELECT account_id, ended_at, post, list, reported, listed, captured, ended_by
    FROM
    (
        SELECT *
        FROM weibo.receipts
        WHERE toDate(ended_at_beijing) BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date} AND notEmpty(lists_post_id)
            AND ({country:String} = ''
                OR account_id IN (SELECT account_id FROM weibo.accounts WHERE country_code = {country:String}))
    )
    ARRAY JOIN lists_post_id AS post, lists_order AS list, lists_reported AS reported, lists_listed AS listed,
        lists_captured AS captured, lists_ended_by AS ended_by
    ORDER BY ended_at DESC
    LIMIT 1 BY account_id, post, list
)
GROUP BY account_id, list
ORDER BY account_id, list
