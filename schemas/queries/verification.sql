-- group: audience
-- english: Which accounts carried Weibo's V, from when until when, and with which words?
-- chinese: 哪些帐号何时带V认证？认证说明是什么？
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
-- note: seen_from and seen_until are the first and last moments at which it was seen so; between two rows it changed unseen; 首次与末次所见时刻，变化发生在两行之间
SELECT
    account_id, verified, min(observed_at) AS seen_from, max(observed_at) AS seen_until,
    argMax(verified_type, observed_at) AS verified_type, argMax(verified_reason, observed_at) AS verified_reason,
    count() AS snapshots
FROM
(
    SELECT *, sum(changed) OVER (PARTITION BY account_id ORDER BY observed_at) AS run
    FROM
    (
        SELECT
            account_id, observed_at, assumeNotNull(verified) AS verified, verified_type, verified_reason,
            row_number() OVER by_time = 1 OR verified != lagInFrame(verified) OVER by_time AS changed
        FROM weibo.snapshots
        WHERE isNotNull(snapshots.verified)
            AND ({country:String} = ''
                OR account_id IN (SELECT account_id FROM weibo.accounts WHERE country_code = {country:String}))
        WINDOW by_time AS (PARTITION BY account_id ORDER BY observed_at ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
    )
)
GROUP BY account_id, run, verified
ORDER BY account_id, seen_from
