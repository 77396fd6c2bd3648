-- group: conversation
-- english: Does the embassy answer: how many of its threads, and after how long?
-- chinese: 使馆是否回复评论：比例与时延
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
-- parameter: days UInt16 = 30; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- note: threads under the posts of the period; only comments that were read count; latency is from the comment that opened the thread to the account's first reply in it; 限期内所发微博；仅计已读评论；时延为楼主评论到本帐号首次回复
WITH
    threads AS
    (
        SELECT
            account_id, post_id, ifNull(root_id, comment_id) AS thread,
            maxIf(created_at, isNull(root_id) AND NOT own) AS asked_at, countIf(isNull(root_id) AND NOT own) AS opened,
            countIf(isNotNull(root_id) AND own) AS own_replies, minIf(created_at, isNotNull(root_id) AND own) AS replied_at
        FROM
        (
            SELECT account_id, post_id, comment_id, root_id, created_at, ifNull(author_account_id = account_id, false) AS own
            FROM weibo.comments
            WHERE post_id IN
            (
                SELECT post_id
                FROM weibo.post_measures
                WHERE toDate(created_at_beijing) BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
                    AND ({country:String} = ''
                        OR account_id IN (SELECT account_id FROM weibo.accounts WHERE country_code = {country:String}))
            )
        )
        GROUP BY account_id, post_id, thread
        HAVING opened > 0
    )
SELECT
    account_id, count() AS threads, countIf(own_replies > 0) AS answered,
    round(100 * answered / threads, 1) AS answered_percent, sum(own_replies) AS own_replies_written,
    round(quantileExactInclusiveIf(0.5)(dateDiff('second', asked_at, replied_at) / 60, own_replies > 0), 1) AS median_minutes,
    round(minIf(dateDiff('second', asked_at, replied_at) / 60, own_replies > 0), 1) AS fastest_minutes
FROM threads
GROUP BY account_id
ORDER BY answered_percent DESC, account_id
