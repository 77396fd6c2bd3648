-- group: audience
-- english: Who leads by followers at the end of a day, as printed (December 2016) and as computed?
-- chinese: 某日粉丝排名：刊出名次与计算名次
-- parameter: at Date = today; the day, in Beijing; 日期（北京时间）
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
-- note: followers are the newest known ones by that day: observed_at says from when they are; 粉丝数取当日之前最新已知值，见 observed_at
SELECT
    rank, printed_rank, account_id, name_en, name_zh, country_code, verified, followers, followers_low, followers_high,
    followers_precision, posts, observed_at
FROM weibo.ranking(at = toString({at:Date}))
WHERE ({country:String} = ''
    OR account_id IN (SELECT account_id FROM weibo.accounts WHERE country_code = {country:String}))
ORDER BY rank, account_id
