-- group: audience
-- english: Whose account is whose: mission type, handle as printed in 2016 and as corrected, accounts beside it?
-- chinese: 帐号属于谁：机构类型、刊出与更正的昵称、相关帐号
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
SELECT
    account_id, country_code, country_en, country_zh, mission, screen_name, printed_screen_name,
    toBool(isNotNull(printed_screen_name) AND ifNull(printed_screen_name != screen_name, true)) AS corrected,
    related, bloc, uid, uid_source, uid_confirmed_at, valid_from, valid_to
FROM weibo.accounts
WHERE ({country:String} = ''
    OR account_id IN (SELECT account_id FROM weibo.accounts WHERE country_code = {country:String}))
ORDER BY country_en, account_id
