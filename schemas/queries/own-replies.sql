-- group: conversation
-- english: Does the embassy answer: how many of its threads, and after how long?
-- chinese: 使馆是否回复评论：比例与时延
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
-- parameter: days UInt16 = 30; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- note: only comments that were read count; latency is from the comment that opened the thread to the account's first reply in it; 仅计已读评论；时延为楼主评论到本帐号首次回复
WITH
    own AS
    (
        SELECT account_id, post_id, assumeNotNull(root_id) AS thread, min(created_at) AS replied_at, count() AS own_replies
        FROM weibo.comments
        WHERE isNotNull(root_id) AND ifNull(author_account_id = account_id, false)
            AND ({country:String} = ''
                OR account_id IN (SELECT account_id FROM weibo.accounts WHERE country_code = {country:String}))
        GROUP BY account_id, post_id, thread
    )
SELECT
    roots.account_id AS account_id, count() AS threads, countIf(own_replies > 0) AS answered,
    round(100 * answered / threads, 1) AS answered_percent, sum(own_replies) AS own_replies_written,
    round(quantileExactInclusiveIf(0.5)(dateDiff('second', created_at, replied_at) / 60, own_replies > 0), 1) AS median_minutes,
    round(minIf(dateDiff('second', created_at, replied_at) / 60, own_replies > 0), 1) AS fastest_minutes
FROM weibo.comments AS roots
LEFT JOIN own ON own.account_id = roots.account_id AND own.post_id = roots.post_id AND own.thread = roots.comment_id
WHERE isNull(root_id) AND ifNull(author_account_id != account_id, true)
    AND toDate(created_at_beijing) BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
    AND ({country:String} = ''
        OR account_id IN (SELECT account_id FROM weibo.accounts WHERE country_code = {country:String}))
GROUP BY account_id
ORDER BY answered_percent DESC, account_id
