-- group: trust
-- english: What is missing after the newest visit to each account, why, and what will be done about it?
-- chinese: 最近一次访问后还缺什么、原因与补救
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
-- parameter: days UInt16 = 7; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
WITH
    newest AS
    (
        SELECT account_id, spider, max(ended_at) AS ended_at
        FROM weibo.receipts
        WHERE toDate(ended_at_beijing) BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date} AND spider != 'names'
            AND ({country:String} = ''
                OR account_id IN (SELECT account_id FROM weibo.accounts WHERE country_code = {country:String}))
        GROUP BY account_id, spider
    )
SELECT
    account_id, spider, kind, what, missing_items, reason, remedy, ended_at
FROM
(
    SELECT *
    FROM weibo.receipts
    WHERE toDate(ended_at_beijing) BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
        AND (account_id, spider, ended_at) IN (SELECT account_id, spider, ended_at FROM newest)
)
ARRAY JOIN missing_kind AS kind, missing_what AS what, missing_count AS missing_items, missing_reason AS reason,
    missing_remedy AS remedy
ORDER BY account_id, spider, kind, what
