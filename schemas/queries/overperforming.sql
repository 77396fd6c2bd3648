-- group: performance
-- english: Which posts do better, or worse, than their account's posts usually do at the same age?
-- chinese: 哪些微博在同龄时明显高于（或低于）该帐号平常？
-- parameter: side String in over|under = over; over or under what is expected; 高于或低于预期
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
-- parameter: days UInt16 = 7; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- parameter: limit UInt16 = 20; rows at most; 行数上限
-- note: ratio is interactions ÷ expected at score_age_s; expected comes from benchmark_posts earlier posts of the account's of the same type, else of all of its types, else of accounts with as many digits of followers (benchmark: type, account, peers); with fewer than 20 there is none; ratio 为同龄互动÷预期；预期取自同类型的往帖，不足则取本帐号全部往帖，再不足则取粉丝位数相同的帐号近30天的微博，少于20条则无
SELECT
    account_id, post_id, created_at_beijing, format, round(measures.ratio, 2) AS ratio,
    round(if(measures.ratio >= 1, measures.ratio, -1 / nullIf(measures.ratio, 0)), 2) AS score, score_age_s, round(expected, 1) AS expected,
    benchmark, benchmark_posts, interactions, samples, removal, observed_at
FROM weibo.post_measures AS measures
WHERE toDate(created_at_beijing) BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date}
    AND ({country:String} = ''
        OR account_id IN (SELECT account_id FROM weibo.accounts WHERE country_code = {country:String}))
    AND if({side:String} = 'over', measures.ratio >= 1, measures.ratio < 1)
ORDER BY if({side:String} = 'over', -measures.ratio, measures.ratio), account_id, post_id
LIMIT {limit:UInt16}
