// What the page of an account does: it loads the account, then its posts, and paints them.
(function () {
  'use strict';
  var app = document.querySelector('#app .main-wrap');
  var uid = (location.pathname.match(/^\/(?:u|profile)\/(\d+)/) || [])[1];
  var next = null;
  var loading = false;
  var list = null;

  function element(tag, className, children) {
    var made = document.createElement(tag);
    if (className) { made.className = className; }
    (children || []).forEach(function (child) {
      made.appendChild(typeof child === 'string' ? document.createTextNode(child) : child);
    });
    return made;
  }

  function html(tag, className, text) {
    var made = element(tag, className);
    made.innerHTML = text || '';
    return made;
  }

  function picture(url) {
    var made = element('img');
    made.src = url;
    return made;
  }

  function token() {
    return (document.cookie.match(/(?:^|; )XSRF-TOKEN=([^;]*)/) || [])[1] || config.st;
  }

  function load(query, then, failed) {
    var request = new XMLHttpRequest();
    request.open('GET', '/api/container/getIndex?' + query);
    request.setRequestHeader('Accept', 'application/json, text/plain, */*');
    request.setRequestHeader('X-Requested-With', 'XMLHttpRequest');
    request.setRequestHeader('MWeibo-Pwa', '1');
    request.setRequestHeader('X-XSRF-TOKEN', token());
    request.onload = function () {
      var answer = null;
      try { answer = JSON.parse(request.responseText); } catch (error) { answer = null; }
      if (request.status === 200 && answer && answer.ok === 1) {
        then(answer.data, new Date(request.getResponseHeader('X-Replica-Time') || Date.now()));
      } else { failed(answer || {}); }
    };
    request.onerror = function () { failed({}); };
    request.send();
  }

  function twoDigits(number) { return (number < 10 ? '0' : '') + number; }

  // The page shows moments in the words of its own: 刚刚, N分钟前, N小时前, 昨天, month and day, year.
  function shownTime(text, now) {
    var moment = new Date(text);
    if (isNaN(moment)) { return text; }
    var seconds = (now - moment) / 1000;
    var china = new Date(moment.getTime() + 288e5);
    var today = new Date(now.getTime() + 288e5);
    var clock = twoDigits(china.getUTCHours()) + ':' + twoDigits(china.getUTCMinutes());
    var days = Math.floor(today / 864e5) - Math.floor(china / 864e5);
    if (seconds < 60) { return '刚刚'; }
    if (seconds < 3600) { return Math.floor(seconds / 60) + '分钟前'; }
    if (days === 0) { return Math.floor(seconds / 3600) + '小时前'; }
    if (days === 1) { return '昨天 ' + clock; }
    var date = twoDigits(china.getUTCMonth() + 1) + '-' + twoDigits(china.getUTCDate());
    return china.getUTCFullYear() === today.getUTCFullYear() ? date : china.getUTCFullYear() + '-' + date;
  }

  function shownCount(count, word) {
    if (typeof count === 'string') { return count; }
    if (!count) { return word; }
    if (count < 10000) { return String(count); }
    var tenths = Math.floor(count / 1000);
    return Math.floor(tenths / 10) + (tenths % 10 ? '.' + tenths % 10 : '') + '万';
  }

  function mark(user) {
    if (!user.verified) { return []; }
    return [element('i', 'm-icon ' + (user.verified_type > 0 ? 'm-icon-bluev' : 'm-icon-yellowv'))];
  }

  function header(user) {
    var described = '暂无简介';
    if (user.verified_reason) { described = '微博认证：'; } else if (user.description) { described = user.description; }
    var line = element('p', 'mod-fil-desc m-text-cut', [described]);
    if (user.verified_reason) { line.appendChild(element('span', '', [user.verified_reason])); }
    return element('div', 'profile-cover', [
      element('div', 'mod-fil-img m-avatar-box', [element('div', 'm-img-box', [picture(user.profile_image_url)].concat(mark(user)))]),
      element('div', 'mod-fil-name m-txt-cut', [element('div', 'mod-fil-n', [element('span', 'txt-shadow', [user.screen_name])])]),
      element('div', 'mod-fil-fans', [
        element('div', 'txt-shadow', ['关注', element('span', '', [shownCount(user.follow_count, '0')])]),
        element('div', 'txt-shadow', ['粉丝', element('span', '', [shownCount(user.followers_count, '0')])])
      ]),
      line
    ]);
  }

  function button(icon, text) {
    return element('div', 'm-diy-btn m-box-col m-box-center', [element('i', icon), element('h4', '', [text])]);
  }

  function media(post) {
    var pictures = Object.keys(post.pics || {}).map(function (key) { return picture(post.pics[key].url); });
    return pictures.length ? [element('div', 'weibo-media', pictures)] : [];
  }

  function card(post, now) {
    var user = post.user || {};
    var from = [element('span', 'time', [shownTime(post.created_at, now)])];
    if (post.source) { from.push(element('span', 'from', [' 来自 ' + post.source])); }
    if (post.edit_config && post.edit_config.edited) { from.push(element('span', 'edited', [' 已编辑'])); }
    var body = [html('div', 'weibo-text', post.text)].concat(media(post));
    var main = [element('div', 'weibo-og', body)];
    if (post.retweeted_status) {
      var original = post.retweeted_status;
      var name = original.user ? '@' + original.user.screen_name + ': ' : '';
      main.push(element('div', 'weibo-rp', [html('div', 'weibo-text', '')]));
      main[1].firstChild.appendChild(element('span', '', [name]));
      main[1].firstChild.appendChild(html('span', '', original.text));
    }
    var buttons = [
      button('m-font m-font-comment', shownCount(post.comments_count, '评论')),
      button('m-icon m-icon-like', shownCount(post.attitudes_count, '赞'))
    ];
    if (!post.visible || post.visible.type === 0) {
      buttons.unshift(button('m-font m-font-forward', shownCount(post.reposts_count, '转发')));
    }
    var strip = post.title && post.title.text ? [element('div', 'f-card-title', [post.title.text])] : [];
    return element('div', 'wb-item-wrap', [element('div', 'wb-item', [
      element('div', 'card m-panel card9 weibo-member', strip.concat([element('div', 'card-wrap', [element('div', 'card-main', [
        element('header', 'weibo-top m-box m-avatar-box', [
          element('a', 'm-img-box', [picture(user.profile_image_url || '')].concat(mark(user))),
          element('div', 'm-box-col m-box-dir m-box-center', [element('div', 'm-text-box', [
            element('h3', 'm-text-cut', [user.screen_name || '']), element('h4', 'm-text-cut', from)
          ])])
        ]),
        element('article', 'weibo-main', main),
        element('footer', 'm-ctrl-box m-box-center-a', buttons)
      ])])]))
    ])]);
  }

  function walk(cards, now) {
    cards.forEach(function (found) {
      if (found.card_type === 9 && found.mblog) { list.appendChild(card(found.mblog, now)); }
      if (found.card_type === 11) { walk(found.card_group || [], now); }
    });
  }

  function empty(answer) {
    if (answer.ok === -100 && answer.url) { location.replace(answer.url); return; }
    if (!list || !list.childNodes.length) {
      app.appendChild(element('div', 'empty-bg', [answer.msg || '这里还没有内容']));
    }
  }

  function more() {
    if (loading) { return; }
    loading = true;
    load('type=uid&value=' + uid + '&containerid=107603' + uid + (next || ''), function (data, now) {
      walk(data.cards, now);
      var info = data.cardlistInfo || {};
      next = info.since_id ? '&since_id=' + info.since_id : (info.page ? '&page=' + info.page : null);
      loading = next === null;
    }, empty);
  }

  if (!uid) { return; }
  load('type=uid&value=' + uid, function (data) {
    document.title = data.userInfo.screen_name + '的微博';
    app.replaceChildren(header(data.userInfo));
    list = element('div', 'weibo-list');
    app.appendChild(list);
    more();
    window.addEventListener('scroll', function () {
      if (window.innerHeight + window.scrollY > document.body.scrollHeight - 400 && next !== null) { more(); }
    });
  }, function (answer) { app.replaceChildren(); empty(answer); });
})();
