-- group: audience
-- english: Which names has an account carried on Weibo, and when was each seen?
-- chinese: 帐号用过哪些昵称，何时所见？
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
SELECT
    account_id, value AS name, min(states.seen_from) AS seen_from, max(states.seen_until) AS seen_until,
    length(groupUniqArrayArray(states.uids)) AS uids
FROM weibo.account_states AS states
WHERE what = 'screen_name'
    AND ({country:String} = ''
        OR account_id IN (SELECT account_id FROM weibo.accounts WHERE country_code = {country:String}))
GROUP BY account_id, name
ORDER BY account_id, seen_from
