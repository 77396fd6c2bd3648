WITH
    -- A number between 0 and 1 that looks random, from a word and two keys; and the same, normal around 0.
    (word, x, y) -> (cityHash64(word, x, y) % 1000003 + 0.5) / 1000003 AS chance,
    (word, x, y) -> sqrt(-2 * log(chance(word, x, y))) * cos(6.283185307179586 * chance(concat(word, ' again'), x, y)) AS spread,
    -- Account a: its id (the registry's as long as there are any), its posts per day.
    a -> if(a < length({names:Array(String)}), {names:Array(String)}[a + 1], concat('uid:', toString(1000000000 + a))) AS account_of,
    a -> [1, 1, 2, 2, 3, 3, 4, 6][a % 8 + 1] AS rate_of,
    a -> concat('guest-', toString(a % 4 + 1)) AS lane_of,
    -- Post i of account a: the second at which it was published, one after the other, 8 to 23 o'clock in Beijing.
    (a, i) -> {published_from:UInt32} + intDiv(i, rate_of(a)) * 86400 + toUInt32((i % rate_of(a) + 0.9 * chance('published', a, i)) * 54000 / rate_of(a)) AS published_at,
    -- Weibo's ids: seconds since May 1986, then what tells the posts of one second from each other.
    (a, i, published) -> bitOr(bitShiftLeft(toUInt64(published - 515483463), 22), cityHash64('mid', a, i) % 4194304) AS mid,
    -- Words as a text has them.
    splitByChar(' ', '使馆 今天 中国 文化 交流 合作 签证 留学 活动 欢迎 大使 北京 上海 经济 贸易 音乐 电影 美食 旅游 历史 友谊 气候 科技 教育 体育 艺术 摄影 周末 节日 快乐 新闻 会议 访问 代表团 展览 讲座 报名 参加 链接 视频 照片 故事 城市 大学 青年') AS words,
    (x, y, count) -> arrayStringConcat(arrayMap(j -> words[cityHash64(x, y, j) % length(words) + 1], range(count))) AS text_of
