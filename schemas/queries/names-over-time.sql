-- group: audience
-- english: Which names has an account carried on Weibo, and when was each seen?
-- chinese: 帐号用过哪些昵称，何时所见？
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
SELECT
    account_id, assumeNotNull(screen_name) AS name, min(observed_at) AS seen_from, max(observed_at) AS seen_until,
    count() AS snapshots, uniqExact(screen_name_uid) AS uids
FROM (SELECT account_id, screen_name, observed_at, uid AS screen_name_uid FROM weibo.snapshots)
WHERE isNotNull(screen_name)
    AND ({country:String} = ''
        OR account_id IN (SELECT account_id FROM weibo.accounts WHERE country_code = {country:String}))
GROUP BY account_id, name
ORDER BY account_id, seen_from
