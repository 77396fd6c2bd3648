"""What embassies and their readers write here: sentences to combine, in Chinese and English."""

TOPICS = (
    "使馆日常",
    "旅行小贴士",
    "文化周末",
    "留学资讯",
    "签证须知",
    "双边关系",
    "美食地图",
    "今日图片",
    "节日快乐",
    "CultureWeek",
)
OPENINGS = (
    "早安！",
    "大家周末好。",
    "【通知】",
    "【活动预告】",
    "你知道吗？",
    "Good morning from Beijing! ",
    "今天的问题：",
    "大使先生今日访问了成都。",
    "Save the date: ",
    "",
)
BODIES = (
    "{country}的秋天从湖边开始，山色一天一个样。",
    "签证中心将于下周一闭馆一天，请提前安排行程。",
    "Our film week opens on Friday, admission is free.",
    "来自{country}的青年乐团将在北京、上海和广州演出。",
    "奖学金申请现已开放，截止日期为下月十五日。",
    "Today in history: the first students from China arrived in our capital.",
    "使馆开放日，欢迎大家带着孩子来做传统点心。",
    "两国贸易额去年增长了百分之七，农产品占了三分之一。",
    "A quiet morning at the harbour, photographed by one of our readers.",
    "今晚的足球比赛你看了吗？欢迎在评论里写下比分。",
    "新的直飞航线开通，飞行时间约十小时。",
    "科学家们在{country}南部发现了一种新的兰花。",
)
LONG_PARTS = (
    "申请人须准备护照、照片、在职证明与行程单，材料不全者将被通知补交。",
    "Applicants from the consular district of Guangzhou apply in Guangzhou.",
    "面签时间以预约为准，请勿提前一小时以上到达；使馆门口不提供寄存。",
    "我们在此提醒各位：任何收费代办均与本馆无关。",
    "活动期间有现场音乐、图书交换和儿童画展，雨天照常进行。",
)
ENDINGS = ("欢迎转发！", "详情见链接。", "你怎么看？", "Follow us for more.", "", "", "祝大家一切顺利。")
#: What a person might type who means no good, or only quotes a formula; Weibo shows it as text.
HOSTILE = (
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "<img src=x onerror=alert(1)>",
    "+1+1\tok",
    "a & b < c > d \"e\" 'f'",
    "@SUM(A1:A9)",
    "'); DROP TABLE posts; --",
    "\u202eabc\u202c",
    "&amp;lt;b&amp;gt;",
)
EMOJI = ("允悲", "偷笑", "doge", "心", "赞", "太开心")
COMMENTS = (
    "好美的地方，想去！",
    "请问签证现在要等多久？",
    "支持！",
    "Nice photo!",
    "已经转给同学了",
    "这个活动在上海有吗？",
    "打卡",
    "去年去过，人很友好",
    "为什么电话总是打不通",
    "哈哈哈哈",
    "前排",
    "希望两国友谊长存",
    "不同意这种说法",
    "历史不能忘记",
    "Happy new year!",
    "求链接",
    "沙发",
    "学到了",
    "一路平安",
    "蜡烛",
    "奖学金可以读博士吗？",
    "小编辛苦了",
)
ANSWERS = ("谢谢支持！", "请发送邮件到签证处咨询。", "上海站将在下月公布。", "Thank you!", "欢迎来玩～")
REPLIES = ("同问", "我也觉得", "已经有人回答了", "谢谢", "不是这样的吧", "haha", "去看官网")
NICK_FIRST = ("晨雾", "竹林", "青石", "南窗", "旧书", "橘子", "北岸", "星河", "纸船", "微雨", "云边", "麦田")
NICK_SECOND = ("里的茶壶", "散步的猫", "第七页", "修表匠", "小剧场", "放风筝", "的灯塔", "慢半拍", "看火车", "不加糖")
PROVINCES = ("北京", "上海", "广东", "江苏", "浙江", "四川", "湖北", "陕西", "山东", "辽宁", "福建", "海外")
SOURCES = ("微博 weibo.com", "iPhone 7", "Android", "微博视频号", "", "HUAWEI Mate 9", "皮皮时光机")
