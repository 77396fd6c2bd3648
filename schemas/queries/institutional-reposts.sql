-- group: conversation
-- english: Which institutions and accounts of the registry pass posts on?
-- chinese: 哪些机构或登记帐号转发了微博？
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
-- parameter: days UInt16 = 30; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- parameter: limit UInt16 = 20; rows at most; 行数上限
-- note: as far as Weibo's lists of reposts go; private people are never named; 限于微博列出的转发，个人从不具名
SELECT
    coalesce(toString(author_account_id), author_name, '') AS by, count() AS reposts_written,
    uniqExact(post_id) AS posts, arraySort(groupUniqArray(10)(account_id)) AS of_accounts,
    max(created_at_beijing) AS newest_at_beijing
FROM weibo.reposts
WHERE by != '' AND ifNull(author_account_id != account_id, true)
    AND toDate(created_at_beijing) BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
    AND ({country:String} = ''
        OR account_id IN (SELECT account_id FROM weibo.accounts WHERE country_code = {country:String}))
GROUP BY by
ORDER BY reposts_written DESC, by
LIMIT {limit:UInt16}
