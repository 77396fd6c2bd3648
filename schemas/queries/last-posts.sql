-- group: activity
-- english: When did each account post last, and which are dormant?
-- chinese: 各帐号最近一次发帖，哪些已停更？
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
-- parameter: at Date = today; the day that silence is counted to, in Beijing; 截止日（北京时间）
-- parameter: dormant UInt16 = 180; dormant after so many days; 多少天不发算停更
-- note: silence is certain only where the newest visit is newer than it: last_visit_at; 停更是否属实，看最近一次访问时间
WITH
    newest AS
    (
        SELECT
            account_id, max(last_post_at) AS last_post, argMaxIf(last_post_id, last_post_at, isNotNull(last_post_at)) AS post_id,
            sum(posts_published) AS posts, max(last_visit_at) AS last_visit
        FROM weibo.account_days
        WHERE day <= {at:Date}
        GROUP BY account_id
    )
SELECT
    accounts.account_id AS account_id, country_code, toTimeZone(last_post, 'Asia/Shanghai') AS last_post_at_beijing,
    if(posts = 0, NULL, post_id) AS last_post_id, dateDiff('day', toDate(last_post_at_beijing), {at:Date}) AS days_silent,
    toBool(days_silent >= {dormant:UInt16}) AS is_dormant, posts AS posts_read, last_visit AS last_visit_at
FROM weibo.accounts AS accounts
LEFT JOIN newest ON newest.account_id = accounts.account_id
WHERE {country:String} = '' OR country_code = {country:String}
ORDER BY days_silent DESC NULLS LAST, account_id
