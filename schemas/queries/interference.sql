-- group: interference
-- english: What happened to posts and accounts: removed, edited, comments closed or curated, counts lost, account gone?
-- chinese: 干预记录：删除、修改、关闭或精选评论、计数减少、帐号消失
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
-- parameter: days UInt16 = 365; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- note: a removal that is not confirmed was missed once only; ended_at says when it was seen again; 删除未经确认者仅一次未见，ended_at 表示后来又出现
SELECT
    first_seen_at_beijing, account_id, post_id, what, detail, before, after, confirmed_at, ended_at
FROM weibo.interference
WHERE toDate(first_seen_at_beijing) BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
    AND ({country:String} = ''
        OR account_id IN (SELECT account_id FROM weibo.accounts WHERE country_code = {country:String}))
ORDER BY first_seen_at DESC, account_id, post_id, what
