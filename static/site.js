// Comforts only: every page does its work without this file.
(function () {
  "use strict";

  // The wait before another code may be asked for, counted down on the button itself.
  document.querySelectorAll("button[data-wait]").forEach(function (button) {
    var left = Number(button.dataset.wait);
    var text = button.textContent;
    if (!left) return;
    button.disabled = true;
    (function tick() {
      if (left <= 0) {
        button.disabled = false;
        button.textContent = text;
        return;
      }
      button.textContent = left + (button.hasAttribute("data-again") ? " 秒后可重发" : " 秒后可发送");
      left -= 1;
      setTimeout(tick, 1000);
    })();
  });

  // The puzzle before a code: the browser does the sum, so that nobody has to read the picture.
  document.querySelectorAll("[data-puzzle]").forEach(function (field) {
    var task = JSON.parse(field.dataset.puzzle), subtle = window.crypto && window.crypto.subtle;
    var button = field.closest("form").querySelector("button[value=send]");
    var text = button.textContent, waits = Number(button.dataset.wait), words = window.TextEncoder && new TextEncoder();
    if (!subtle || !words) return;
    function ready() {
      if (waits) return;
      button.disabled = false;
      button.textContent = text;
    }
    function hex(sum) {
      return Array.from(new Uint8Array(sum), function (byte) { return ("0" + byte.toString(16)).slice(-2); }).join("");
    }
    // Some at a time: the page stays alive meanwhile.
    function find(from) {
      var sums = [];
      for (var n = from; n < from + 500; n++) sums.push(subtle.digest("SHA-256", words.encode(task.salt + n)));
      return Promise.all(sums).then(function (found) {
        var at = found.map(hex).indexOf(task.challenge);
        if (at >= 0) return from + at;
        return from < task.maxNumber ? find(from + 500) : Promise.reject(new Error("no such number"));
      });
    }
    field.hidden = true;
    if (!waits) {
      button.disabled = true;
      button.textContent = "请稍候";
    }
    find(0).then(function (number) {
      var told = { algorithm: task.algorithm, challenge: task.challenge, number: number, salt: task.salt, signature: task.signature };
      field.querySelector("[name=puzzle_solution]").value = btoa(JSON.stringify(told));
    }).catch(function () { field.hidden = false; }).then(ready);
  });

  document.querySelectorAll("select[data-submit]").forEach(function (select) {
    select.addEventListener("change", function () { select.form.submit(); });
  });

  document.querySelectorAll("form[data-confirm]").forEach(function (form) {
    form.addEventListener("submit", function (event) {
      if (!window.confirm(form.dataset.confirm)) event.preventDefault();
    });
  });

  // 大字: switched in place, so that what is typed on this page stays.
  document.querySelectorAll("form[data-display]").forEach(function (form) {
    form.addEventListener("submit", function (event) {
      var button = form.querySelector("button");
      var large = button.value === "1";
      var sent = new FormData(form);
      if (!window.fetch) return;
      event.preventDefault();
      sent.set("large", button.value);
      fetch(form.action, { method: "POST", body: sent, credentials: "same-origin", redirect: "manual" })
        .then(function () {
          document.documentElement.classList.toggle("large", large);
          if (large) document.body.dataset.weuiMode = "care"; else delete document.body.dataset.weuiMode;
          button.value = large ? "0" : "1";
          button.textContent = large ? "标准字" : "大字";
        })
        .catch(function () { form.submit(); });
    });
  });

  // A button that changes one part of a form: that part is taken from the page it leads to, and the rest stays put.
  document.addEventListener("click", function (event) {
    var button = event.target.closest("button[data-part]");
    if (!button || !window.fetch || button.dataset.plainly) return;
    var form = button.form, sent = new FormData(form), part = button.dataset.part;
    event.preventDefault();
    sent.set(button.name, button.value);
    form.querySelectorAll("input[type=file]").forEach(function (input) { sent.delete(input.name); });
    fetch(form.getAttribute("action") || location.href, { method: "POST", body: sent, credentials: "same-origin" })
      .then(function (answer) { return answer.ok ? answer.text() : Promise.reject(answer.status); })
      .then(function (html) {
        var fresh = new DOMParser().parseFromString(html, "text/html").getElementById(part);
        if (!fresh) return Promise.reject(part);
        document.getElementById(part).replaceWith(document.adoptNode(fresh));
        var rows = fresh.querySelectorAll("fieldset");
        var first = rows.length && rows[rows.length - 1].querySelector("input:not([type=hidden])");
        if (first) first.focus();
      })
      .catch(function () {
        button.dataset.plainly = "1";
        button.click();
      });
  });

  // A second press while the first is on its way is harmless on the server; here it is just not offered.
  document.querySelectorAll("form[method=post]").forEach(function (form) {
    form.addEventListener("submit", function (event) {
      if (event.defaultPrevented) return;
      if (form.dataset.sent) return event.preventDefault();
      form.dataset.sent = "1";
    });
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
  });

  // A resident ID says gender and birth date by itself; other papers do not, so their fields open.
  var idType = document.getElementById("id_type");
  var fold = document.querySelector("details.fold");
  if (idType && fold) {
    idType.addEventListener("change", function () { fold.open = idType.value !== "01"; });
  }

  // A long form keeps itself: what is typed is there again after the page was closed.
  document.querySelectorAll("form[data-draft]").forEach(function (form) {
    var timer = 0;
    function keep() {
      clearTimeout(timer);
      timer = 0;
      var typed = new FormData(form);
      typed.set("action", "keep");
      // Pictures that were just chosen go along when the form is sent; those that were sent before are named.
      form.querySelectorAll("input[type=file]").forEach(function (input) {
        var named = typed.getAll(input.name).filter(function (value) { return typeof value === "string"; });
        typed.delete(input.name);
        named.forEach(function (name) { typed.append(input.name, name); });
      });
      fetch(form.getAttribute("action") || location.href, { method: "POST", body: typed, credentials: "same-origin", redirect: "manual", keepalive: true })
        .then(function (answer) {
          if (answer.status !== 409) return;
          var type = answer.headers.get("Content-Type") || "";
          return (/^text\/plain/.test(type) ? answer.text() : Promise.resolve("")).then(tellStopped);
        })
        .catch(function () { /* kept at the next stroke, or when it is sent */ });
    }
    // Somebody else has written it meanwhile, or why else it is not kept: said once, where the buttons are.
    function tellStopped(why) {
      var foot = form.querySelector(".form-foot");
      if (!form.dataset.stopped || !foot || form.querySelector(".form-stopped")) return;
      var words = document.createElement("p");
      words.className = "site-notice form-stopped";
      words.setAttribute("role", "status");
      words.textContent = why || form.dataset.stopped;
      form.insertBefore(words, foot);
    }
    function forget() { clearTimeout(timer); timer = 0; }
    form.addEventListener("input", function () {
      clearTimeout(timer);
      timer = setTimeout(keep, 1500);
    });
    form.addEventListener("submit", forget);
    // Thrown away: a word that was typed a moment before must not write it anew.
    document.querySelectorAll("form[data-drops]").forEach(function (drop) { drop.addEventListener("submit", forget); });
    // Closed, or put away, before the pause was over.
    window.addEventListener("pagehide", function () { if (timer) keep(); });
    document.addEventListener("visibilitychange", function () { if (document.hidden && timer) keep(); });
  });

  // 加载更多: the next part of a list below the present one; the address follows, so that coming back finds the place.
  document.addEventListener("click", function (event) {
    var link = event.target.closest("a[data-more]");
    var list = document.querySelector("[data-list]");
    if (!link || !list || !window.fetch) return;
    event.preventDefault();
    link.setAttribute("aria-busy", "true");
    fetch(link.dataset.more || link.href, { credentials: "same-origin" })
      .then(function (answer) { return answer.ok ? answer.text() : Promise.reject(answer.status); })
      .then(function (html) {
        var page = new DOMParser().parseFromString(html, "text/html");
        var rows = page.querySelectorAll("[data-list] > *");
        var first = rows[0];
        rows.forEach(function (row) { list.appendChild(row); });
        var next = page.querySelector("a[data-more]");
        var last = link.getAttribute("href").split("#")[0];
        if (/[?&]upto=/.test(last)) history.replaceState(null, "", last);
        if (next) {
          link.href = next.getAttribute("href");
          link.dataset.more = next.dataset.more;
          link.removeAttribute("aria-busy");
        } else { link.parentNode.remove(); }
        if (first && first.querySelector("a")) first.querySelector("a").focus({ preventScroll: true });
      })
      .catch(function () { location.href = link.href; });
  });

  // 微信扫码登录: the page goes on by itself once the phone has confirmed.
  document.querySelectorAll("form[data-scan]").forEach(function (form) {
    var timer = setInterval(function () {
      fetch(form.dataset.scan, { credentials: "same-origin" })
        .then(function (answer) { return answer.json(); })
        .then(function (scan) {
          if (scan.state === "waiting") return;
          clearInterval(timer);
          if (scan.state === "confirmed") form.submit();
          else form.querySelector("[role=status]").textContent = "登录码已过期，请换一个";
        })
        .catch(function () { /* asked again in a moment */ });
    }, 2000);
  });

  // 离我近的: asked for only when pressed, rounded to about 100 metres before it is sent.
  document.querySelectorAll("form[data-near]").forEach(function (form) {
    if (!navigator.geolocation) return;
    form.classList.add("near--possible");
    form.addEventListener("submit", function (event) {
      if (form.lng.value) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      var say = form.querySelector("[role=status]");
      say.textContent = "正在取得位置…";
      navigator.geolocation.getCurrentPosition(function (found) {
        form.lng.value = found.coords.longitude.toFixed(3);
        form.lat.value = found.coords.latitude.toFixed(3);
        form.submit();
      }, function () { say.textContent = "没有得到您的位置，请允许定位后再试，或按地区找"; }, { timeout: 10000, maximumAge: 600000 });
    }, true);
  });

  // The share card inside WeChat.
  var shared = document.querySelector("[data-share-title]");
  if (shared && window.wx && /MicroMessenger\//.test(navigator.userAgent)) {
    fetch(shared.dataset.sign + "?url=" + encodeURIComponent(location.pathname + location.search))
      .then(function (answer) { return answer.ok ? answer.json() : Promise.reject(answer.status); })
      .then(function (signed) {
        signed.jsApiList = ["updateAppMessageShareData", "updateTimelineShareData"];
        window.wx.config(signed);
        window.wx.ready(function () {
          var card = {
            title: shared.dataset.shareTitle,
            desc: shared.dataset.shareText,
            link: shared.dataset.shareLink,
            imgUrl: shared.dataset.shareImage
          };
          window.wx.updateAppMessageShareData(card);
          window.wx.updateTimelineShareData(card);
        });
      })
      .catch(function () { /* sharing without a card still works */ });
  }
})();
