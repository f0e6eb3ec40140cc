/* <course-feed src="https://feed.example/e20mooc">: the posts of a course on any homepage.
 * Attributes, custom properties and parts: docs/embedding.md of moocfeed. */

const WORDS = {};
const STYLE = "";

const sheet = new CSSStyleSheet();
sheet.replaceSync(STYLE);

const API = "/api/v1/courses/";
const POLL = 60_000;
const POLL_BESIDE_STREAM = 300_000; // a proxy that buffers is found out by it
const TURN = 12_000;
const TIMEOUT = 30_000;
const REL = "noopener noreferrer nofollow ugc";
const LONG = 700; // characters of HTML, above which a post is opened on demand
const MINUTE = 60_000;
const UNITS = [["day", 1440], ["hour", 60], ["minute", 1]];

/* Elements and text */

function make(name, attributes, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (key === "on") for (const type in value) node.addEventListener(type, value[type]);
    else if (value != null && value !== false) node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child != null && child !== ""));
  return node;
}

const button = (text, click, attributes) => make("button", { type: "button", on: { click }, ...attributes }, text);

const isStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

const filled = (text, values) => text.replace(/%\((\w+)\)s/g, (_, name) => values[name]);

function web(text, base) {
  try {
    const url = new URL(text, base);
    return /^https?:$/.test(url.protocol) ? url : null;
  } catch {
    return null;
  }
}

function link(url, attributes, ...children) {
  const safe = web(url)?.href;
  if (!safe) return make("span", { ...attributes }, ...children);
  return make("a", { href: safe, target: "_blank", rel: REL, ...attributes }, ...children);
}

/* `src` is the course's page or its address in the API. */
function addresses(src) {
  const url = src && web(src, document.baseURI);
  const [, root, slug] = url ? url.pathname.match(/^(.*?)(?:\/api\/v1\/courses)?\/([a-z0-9-]+)\/*$/) ?? [] : [];
  if (!slug) return null;
  const base = url.origin + root;
  return { base, api: base + API + slug, page: `${base}/${slug}`, qr: `${base}/embed/v1/qr/${slug}.svg` };
}

/* Pictures come through the course's own server: nobody else learns who reads. They are called there by
 * the FNV-1a hash of where they come from (app/media/addresses.py). */
function pictureAddress(url, width, { base, post }) {
  if (!web(url)) return null;
  let hash = 2166136261;
  for (let at = 0; at < url.length; at += 1) hash = Math.imul(hash ^ url.charCodeAt(at), 16777619);
  const name = (hash >>> 0).toString(16).padStart(8, "0");
  return `${base}/media/${post.course}/${post.id}/${width}/${name}.webp`;
}

/* A post's content. The API has sanitised it; nothing but the following gets through here. */

const KEPT = new Set(
  ("A ABBR B BDI BDO BLOCKQUOTE BR CAPTION CITE CODE COL COLGROUP DD DEL DETAILS DFN DIV DL DT EM FIGCAPTION " +
    "FIGURE H1 H2 H3 H4 H5 H6 HR I IMG INS KBD LI MARK OL P PRE Q RP RT RUBY S SAMP SMALL SPAN STRONG SUB SUMMARY SUP " +
    "TABLE TBODY TD TFOOT TH THEAD TIME TR U UL VAR WBR").split(" "),
);
const ATTRIBUTES = new Set("href lang dir title colspan rowspan start datetime src alt width height".split(" "));

function content(html, view) {
  const template = document.createElement("template"); // inert: nothing in it runs or loads
  template.innerHTML = html;
  for (const node of template.content.querySelectorAll("*")) {
    if (KEPT.has(node.tagName)) tidy(node, view);
    else node.remove();
  }
  return template.content;
}

function tidy(node, view) {
  for (const { name } of [...node.attributes]) if (!ATTRIBUTES.has(name)) node.removeAttribute(name);
  const name = node.tagName;
  if (name === "IMG") place(node, view);
  else if (name === "A") tidyLink(node);
  else if (/^(PRE|TABLE)$/.test(name)) node.tabIndex = 0; // wider than its card, it is scrolled by keys
  else if (/^H\d$/.test(name)) {
    const level = Math.min(6, Math.max(4, +name[1] + 2));
    node.replaceWith(make(`h${level}`, null, ...node.childNodes));
  }
}

function tidyLink(node) {
  const href = node.getAttribute("href");
  if (!web(href) && !/^mailto:/i.test(href)) return node.replaceWith(...node.childNodes);
  node.target = "_blank";
  node.rel = REL;
}

function place(image, view) {
  const [url, alt, width, height] = ["src", "alt", "width", "height"].map((name) => image.getAttribute(name));
  const made = picture({ url, alt, width, height }, view);
  const around = image.closest("a");
  if (!around) return image.replaceWith(made);
  image.remove(); // a button in a link would be two in one
  around.after(made);
  if (!around.textContent.trim()) around.remove();
}

function picture({ url, alt, width, height }, view) {
  const { media, words } = view;
  const [src, wide] = [640, 1280].map((pixels) => pictureAddress(url, pixels, view));
  const named = (word) => (alt ? `${word}: ${alt}` : word);
  const absent = () => make("span", { class: "absent" }, `[${named(words.picture)}]`);
  const shown = () => {
    const image = make("img", { part: "media", alt: alt || "", width, height, loading: "lazy", decoding: "async" });
    image.addEventListener("error", () => image.replaceWith(absent()));
    if (width > 640) [image.sizes, image.srcset] = ["auto, 40rem", `${src} 640w, ${wide} 1280w`];
    image.src = src;
    return image;
  };
  if (media === "none" || !src) return absent();
  if (media === "show") return shown();
  const show = () => {
    const image = shown();
    image.tabIndex = -1;
    closed.replaceWith(image);
    image.focus({ preventScroll: true });
  };
  const closed = button(named(words.show), show, { class: "picture", part: "media" });
  return closed;
}

function media(one, view) {
  const { watch } = view.words;
  return one.type === "image" ? picture(one, view) : link(one.url, null, one.alt ? `${watch}: ${one.alt}` : watch);
}

/* A post as a card */

function card(post, page) {
  const view = { ...page, post };
  const { words } = view;
  const name = post.author.name || post.author.handle || post.sources[0]?.title || "?";
  const written = { lang: post.language, dir: "auto" };
  const title = link(post.url, {}, make("bdi", post.title ? written : null, post.title || name));
  const own = `${view.page}/posts/${post.id}`;
  const [named, described] = [`t${post.id}`, `c${post.id}`];
  const meta = make(
    "p",
    { part: "meta", class: "meta" },
    face(view),
    post.title ? make("bdi", { class: "author" }, name) : "",
    post.author.handle ? make("bdi", { class: "handle" }, post.author.handle) : "",
    link(own, { class: "when" }, moment(post.published_at, view)),
  );
  const node = make("article", {
    part: "card",
    class: `card ${post.kind}`,
    tabindex: 0,
    "aria-setsize": -1,
    "aria-labelledby": named,
    "aria-describedby": described,
    "data-post": post.id,
  });
  const inner = make("div", { part: "content", class: "content", id: described, ...written }, ...body(post, view));
  node.append(
    make("h3", { part: "title", id: named }, title),
    meta,
    post.in_reply_to ? make("p", { class: "meta" }, link(post.in_reply_to, {}, words.reply)) : "",
    warned(post, view, inner),
  );
  if (post.responses && view.layout !== "wall")
    node.append(make("p", { class: "meta" }, link(`${own}#responses`, {}, view.count("responses", post.responses))));
  node.said = JSON.stringify(post);
  return node;
}

function face({ media, layout, ...view }) {
  const src = pictureAddress(view.post.author.avatar_url, 96, view);
  if (!src || media === "none" || layout === "compact") return "";
  const image = make("img", { class: "face", alt: "", width: 44, height: 44, loading: "lazy", src });
  image.addEventListener("error", () => image.remove());
  return image;
}

function warned(post, view, inner) {
  if (!post.sensitive && !post.content_warning) return inner;
  const summary = make("summary", { dir: "auto" }, post.content_warning || view.words.closed);
  return make("details", { class: "warned" }, summary, inner);
}

function* body(post, view) {
  const { layout, words } = view;
  const isBrief = layout !== "list";
  const isLong = isBrief || (post.kind === "blog" && post.content_html.length > LONG);
  if (isLong) yield make("p", { class: "excerpt" }, post.excerpt);
  else yield content(post.content_html, view);
  if (layout === "compact" || (layout === "wall" && view.media !== "show")) return;
  const rest = post.media.filter((one) => isLong || !post.content_html.includes(one.url.replaceAll("&", "&amp;")));
  for (const one of rest.slice(0, isLong ? 1 : 8)) yield make("div", { class: "media" }, media(one, view));
  if (isBrief || !isLong) return;
  const whole = make("details", { class: "whole" }, make("summary", { lang: view.lang }, words.whole));
  const fill = () => whole.append(make("div", null, content(post.content_html, view)));
  whole.addEventListener("toggle", fill, { once: true });
  yield whole;
}

function moment(text, view) {
  const at = new Date(text);
  const node = make("time", { datetime: text, title: view.exact.format(at) });
  node.textContent = ago(at, view);
  return node;
}

function ago(at, view) {
  const minutes = (at - Date.now()) / MINUTE;
  if (Math.abs(minutes) > 14 * 1440) return view.day.format(at);
  const [unit, size] = UNITS.find(([, size]) => Math.abs(minutes) >= size) ?? ["minute", 1];
  return view.relative.format(Math.trunc(minutes / size), unit);
}

/* Elements that show one course hear one stream: browsers open six connections to a host, no more. */
const streams = new Map();

function shared(url) {
  let stream = streams.get(url);
  if (!stream || stream.readyState === EventSource.CLOSED) streams.set(url, (stream = new EventSource(url)));
  stream.users = (stream.users ?? 0) + 1;
  return stream;
}

/* The element */

class CourseFeed extends HTMLElement {
  static observedAttributes = ["src", "week", "layout", "sources", "limit", "lang", "live", "media", "search"];

  connectedCallback() {
    if (!this.shadowRoot) {
      this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
      this.shadowRoot.addEventListener("keydown", (event) => this.pressed(event));
    }
    this.start();
  }

  disconnectedCallback() {
    this.stop();
  }

  attributeChangedCallback(name, before, after) {
    if (!this.run || before === after || this.waits) return;
    this.waits = true; // several that change at once are one change
    queueMicrotask(() => {
      this.waits = false;
      if (this.isConnected) this.start();
    });
  }

  stop() {
    this.run?.abort();
    this.asking = null;
    this.close(0);
    clearTimeout(this.timer);
    clearTimeout(this.pending);
    this.pending = null;
    this.told = 0;
    clearInterval(this.turning);
  }

  start() {
    this.stop();
    this.run = new AbortController();
    this.at = addresses(this.getAttribute("src"));
    this.view = this.settings();
    this.query = this.asked();
    this.course = null;
    this.frame();
    this.load();
    const { signal } = this.run;
    document.addEventListener("visibilitychange", () => this.watch(), { signal });
    this.clock();
  }

  settings() {
    const one = (name, ...values) => (values.includes(this.getAttribute(name)) ? this.getAttribute(name) : values[0]);
    const wanted = [this.closest("[lang]")?.lang, ...navigator.languages];
    const lang = wanted.map((code) => code?.toLowerCase().split("-")[0]).find((code) => WORDS[code]) ?? "de";
    const words = WORDS[lang];
    const plural = new Intl.PluralRules(lang);
    return {
      lang,
      words,
      base: this.at?.base,
      page: this.at?.page,
      layout: one("layout", "list", "grid", "compact", "wall"),
      media: one("media", "click", "show", "none"),
      count: (key, num) => filled(words[key][plural.select(num)], { num }),
      relative: new Intl.RelativeTimeFormat(lang, { numeric: "auto" }),
      exact: new Intl.DateTimeFormat(lang, { dateStyle: "full", timeStyle: "short" }),
      day: new Intl.DateTimeFormat(lang, { dateStyle: "long" }),
    };
  }

  asked() {
    const limit = Math.min(100, Math.max(1, Math.trunc(this.getAttribute("limit")) || 20));
    const query = new URLSearchParams({ limit });
    const source = (this.getAttribute("sources") ?? "").split(/[\s,]+/).filter(Boolean).join(",");
    if (source) query.set("source", source);
    const week = this.getAttribute("week");
    if (week && week !== "current") query.set("week", week);
    return query;
  }

  get isWall() {
    return this.view.layout === "wall";
  }

  /* What stands around the posts */

  frame() {
    const { words, lang } = this.view;
    this.cards = new Map();
    this.fresh = [];
    this.feed = make("div", { role: "feed", class: "feed", "aria-label": words.loading, "aria-busy": "true" });
    this.news = button("", () => this.showFresh(), { class: "fresh", hidden: true });
    this.says = make("p", { class: "unseen", role: "status" });
    this.notice = make("div", { class: "notice", part: "content" });
    this.more = button(words.more, () => this.loadMore(), { class: "more", part: "more", hidden: true });
    const root = make("div", { class: `root ${this.view.layout}`, lang },
      make("span", { class: "edge", tabindex: -1 }),
      this.hasAttribute("search") && !this.isWall ? this.filter() : "",
      make("div", { class: "top" }, this.news), this.says, this.feed, this.notice, this.more,
      this.isWall ? this.aside() : "",
      make("span", { class: "edge", tabindex: -1 }));
    this.shadowRoot.replaceChildren(root);
    this.skeleton();
  }

  filter() {
    const { words } = this.view;
    const field = make("input", { type: "search", id: "q", maxlength: 200, autocomplete: "off" });
    const search = () => this.narrow("q", field.value.trim());
    // No <form>: a sandbox without `allow-forms` lets none be sent, not even to us.
    field.addEventListener("keydown", (event) => event.key === "Enter" && search());
    field.addEventListener("input", () => field.value || search());
    const chips = ["all", "blog", "status", "video"].map((kind) => {
      const choose = () => {
        for (const other of chips) other.setAttribute("aria-pressed", other === chip);
        this.narrow("kind", kind === "all" ? "" : kind);
      };
      const chip = button(words[kind], choose, { class: "chip", "aria-pressed": String(kind === "all") });
      return chip;
    });
    return make("div", { role: "search", class: "filter", part: "filter" },
      make("label", { for: "q" }, words.searched),
      make("div", { class: "line" }, field, button(words.search, search)),
      make("div", { class: "line" }, ...chips));
  }

  narrow(name, value) {
    if ((this.query.get(name) ?? "") === value) return;
    if (value) this.query.set(name, value);
    else this.query.delete(name);
    this.load(true);
  }

  aside() {
    const { words } = this.view;
    this.pause = button(words.pause, () => this.rotate(!this.isTurning));
    const next = button(words.next, () => this.turn(1));
    this.heading = make("h2", { dir: "auto" });
    const { page: url, qr: src } = this.at ?? {};
    const code = url && make("img", { class: "qr", src, alt: filled(words.qr, { url }), width: 320, height: 320 });
    const page = url && link(url, {}, url.replace(/^https?:../, ""));
    return make("div", { class: "aside" }, this.heading, code, page, make("div", { class: "line" }, this.pause, next));
  }

  skeleton() {
    const row = () => make("div", { class: "bone" });
    this.say(this.view.words.loading);
    this.tell(row(), row());
    this.feed.hidden = true;
  }

  say(text) {
    this.says.textContent = text;
  }

  /* Asking the API */

  async json(url, options) {
    const signal = AbortSignal.any([this.run.signal, AbortSignal.timeout(TIMEOUT)]);
    const answer = await fetch(url, { signal, credentials: "omit", referrerPolicy: "no-referrer", ...options });
    if (!answer.ok) throw answer;
    return answer.json();
  }

  posts(query, options) {
    return this.json(`${this.at.api}/posts?${query}`, options);
  }

  async load(isSearch) {
    const { run, view } = this;
    const turn = (this.asking = {}); // whatever was asked before is no longer wanted
    const isOver = () => run.signal.aborted || this.asking !== turn;
    this.feed.setAttribute("aria-busy", "true");
    this.announce([]);
    try {
      if (!this.at) throw { status: 404 };
      if (this.getAttribute("week") === "current") {
        const { current_week: week } = await (this.course ??= this.json(this.at.api));
        if (week == null) this.query.delete("week");
        else this.query.set("week", week);
      }
      const asked = this.posts(this.query, isSearch === undefined ? {} : { cache: "no-cache" });
      this.course ??= this.json(this.at.api);
      this.course.catch(() => (this.course = null)); // heard of where it is needed
      const page = await asked;
      if (isOver()) return;
      this.cards.clear();
      this.feed.replaceChildren();
      this.revision = page.revision;
      this.add(page);
      this.say(isSearch ? view.count("found", this.cards.size) : "");
      if (!this.cards.size) await this.empty(isOver);
      this.title(isOver);
      this.watch();
      if (this.isWall) this.rotate(!isStill());
    } catch (error) {
      if (isOver()) return;
      this.course = null;
      this.failed(error, () => this.load(false));
    } finally {
      if (!isOver()) this.feed.setAttribute("aria-busy", "false");
    }
  }

  async title(isOver) {
    const course = await this.course?.catch(() => null);
    if (!course || isOver()) return;
    this.feed.setAttribute("aria-label", filled(this.view.words.label, { title: course.title }));
    if (this.heading) this.heading.textContent = course.title;
  }

  add(page) {
    const made = page.items.filter((post) => !this.cards.has(post.id)).map((post) => this.made(post));
    this.feed.append(...made);
    this.next = page.next && new URL(page.next).search.slice(1);
    this.arrange();
    return made;
  }

  made(post) {
    const node = card(post, this.view);
    this.cards.set(post.id, node);
    return node;
  }

  arrange() {
    let at = 0;
    for (const node of this.feed.children) if (node.ariaPosInSet !== String(++at)) node.ariaPosInSet = at;
    this.feed.hidden = !at;
    this.more.hidden = !this.next || this.isWall;
    if (at) this.tell();
    if (this.isWall) this.turn(0);
  }

  async loadMore() {
    if (this.feed.getAttribute("aria-busy") === "true") return;
    const turn = this.asking;
    this.feed.setAttribute("aria-busy", "true");
    try {
      const page = await this.posts(this.next);
      if (turn !== this.asking) return;
      this.add(page)[0]?.focus({ preventScroll: true });
    } catch (error) {
      if (turn === this.asking && !this.run.signal.aborted) this.failed(error, () => this.loadMore());
    } finally {
      if (turn === this.asking) this.feed.setAttribute("aria-busy", "false");
    }
  }

  tell(...children) {
    this.notice.replaceChildren(...children);
  }

  failed(error, again) {
    const { words } = this.view;
    const text = error.status === 404 ? words.unknown : words.failed;
    const retry = () => {
      this.tell();
      again();
      this.feed.parentNode.firstChild.focus({ preventScroll: true });
    };
    this.more.hidden = true;
    this.tell(make("p", null, text), button(words.retry, retry), make("p", null, make("slot")));
    this.say(text);
  }

  async empty(isOver) {
    const { words, day } = this.view;
    const course = await this.course?.catch(() => null);
    if (isOver()) return;
    const week = course?.weeks.find((one) => one.number === +this.query.get("week"));
    const isNarrowed = this.query.has("q") || this.query.has("kind");
    const isAhead = week && new Date(week.starts_at) > new Date();
    const text = isNarrowed ? words.fits
      : isAhead ? filled(words.future, { day: day.format(new Date(`${week.starts_on}T12:00`)) })
      : course ? filled(words.empty, { tag: course.hashtags[0] }) : words.fits;
    this.tell(make("p", { dir: "auto" }, text));
    this.say(text);
  }

  /* Live: a stream while the page is seen, else a question now and then */

  watch() {
    clearTimeout(this.timer);
    const isLive = this.hasAttribute("live") || this.isWall;
    if (!isLive || this.revision === undefined || this.run.signal.aborted) return;
    if (document.hidden) {
      this.wasHidden = true;
      return this.close(0);
    }
    if (!this.stream && Date.now() >= this.deafUntil) this.listen();
    else if (this.wasHidden) this.sync();
    this.wasHidden = false;
    this.timer = setTimeout(() => this.poll(), (this.stream ? POLL_BESIDE_STREAM : POLL) * (0.9 + Math.random() / 5));
  }

  close(deafUntil) {
    this.hearing?.abort();
    if (this.stream && !--this.stream.users) this.stream.close();
    this.stream = null;
    this.deafUntil = deafUntil;
  }

  listen() {
    const stream = (this.stream = shared(`${this.at.api}/events`));
    const { signal } = (this.hearing = new AbortController());
    const on = (type, heard) => stream.addEventListener(type, heard, { signal });
    on("open", () => this.sync()); // what happened before it was open
    on("error", () => {
      if (stream.readyState !== EventSource.CLOSED) return;
      this.close(Date.now() + POLL_BESIDE_STREAM);
      this.watch();
    });
    for (const type of ["post", "change", "withdraw"]) on(type, (event) => this.heard(event));
    if (stream.readyState === EventSource.OPEN) this.sync();
  }

  heard(event) {
    this.told = +event.lastEventId;
    if (this.told > this.revision) this.soon(3);
  }

  /* After a while: many events are one question, and each server process hears of changes by itself. */
  soon(times) {
    if (!times) return;
    this.pending ??= setTimeout(async () => {
      this.pending = null;
      await this.sync();
      if (this.told > this.revision) this.soon(times - 1);
    }, 600 + Math.random() * 600);
  }

  async poll() {
    const before = this.revision;
    await this.sync();
    if (this.stream && this.revision !== before && this.revision > this.told) this.close(Infinity); // open, and silent
    this.watch();
  }

  async sync() {
    this.isWanted = true;
    if (this.isSyncing) return;
    this.isSyncing = true;
    const { run } = this;
    try {
      while (this.isWanted) {
        this.isWanted = false;
        const found = await this.json(`${this.at.api}/changes?since=${this.revision}`, { cache: "no-cache" });
        if (run.signal.aborted) return;
        found.changes.forEach((change) => this.apply(change));
        this.isWanted ||= found.more;
        this.revision = found.revision;
      }
      if (this.isStale) await this.refresh();
    } catch {
      // The next question comes by itself; what is on the page stays.
    } finally {
      this.isSyncing = false;
    }
  }

  apply({ change, id, post }) {
    const node = this.cards.get(id);
    // Whether it belongs here says the list.
    if (!node) this.isStale ||= change !== "withdraw" || this.fresh.some((one) => one.id === id);
    else if (change === "withdraw" || !post) this.steadily(() => this.withdraw(node));
    else if (node.said !== JSON.stringify(post)) this.steadily(() => this.exchange(node, post));
  }

  exchange(node, post) {
    const made = card(post, this.view);
    const opened = [...node.querySelectorAll("details")].map((one) => one.open);
    const at = this.shadowRoot.activeElement;
    node.className = made.className;
    node.said = made.said;
    node.replaceChildren(...made.childNodes);
    node.querySelectorAll("details").forEach((one, index) => (one.open = opened[index] ?? false));
    if (at && at !== node && !at.isConnected) node.focus({ preventScroll: true });
  }

  withdraw(node) {
    const { top, bottom, height } = node.getBoundingClientRect();
    this.cards.delete(node.dataset.post);
    if (node.contains(this.shadowRoot.activeElement) || (bottom > 0 && top < innerHeight && !this.isWall)) {
      node.style.minHeight = `${height}px`; // it is being looked at: nothing moves up
      const id = `t${node.dataset.post}`;
      const held = node.contains(this.shadowRoot.activeElement);
      node.removeAttribute("aria-describedby");
      node.replaceChildren(make("p", { class: "meta", id }, this.view.words.gone));
      if (held) node.focus({ preventScroll: true });
      return;
    }
    node.remove();
    this.arrange();
    if (!this.cards.size) this.load(false);
  }

  /* Browsers with scroll anchoring do this themselves. */
  steadily(change) {
    if (CSS.supports("overflow-anchor", "auto")) return change();
    const fixed = [...this.feed.children].find((node) => node.getBoundingClientRect().bottom > 0);
    const before = fixed?.getBoundingClientRect().top;
    change();
    if (fixed?.isConnected) scrollBy({ top: fixed.getBoundingClientRect().top - before, behavior: "instant" });
  }

  async refresh() {
    const { asking } = this;
    const page = await this.posts(this.query, { cache: "no-cache" });
    if (asking !== this.asking) return;
    const last = page.items.findLastIndex((post) => this.cards.has(post.id));
    this.isStale = false;
    this.first = page;
    this.announce(page.items.filter((post, index) => !this.cards.has(post.id) && (index < last || last < 0)));
    if (!this.cards.size || this.isWall) this.showFresh();
  }

  announce(posts) {
    this.fresh = posts;
    const text = posts.length ? this.view.count("fresh", posts.length) : "";
    if (this.news.textContent === text) return;
    this.news.textContent = text;
    this.news.hidden = !text;
    if (text) this.say(text);
  }

  showFresh() {
    if (!this.fresh.length) return;
    const wanted = new Set(this.fresh.map((post) => post.id));
    const hadFocus = this.shadowRoot.activeElement === this.news;
    const { items } = this.first;
    if (!items.some((post) => this.cards.has(post.id))) {
      this.feed.replaceChildren(); // more than a page is new: the list begins anew
      this.cards.clear();
      this.add(this.first);
    } else {
      let below = null;
      for (const post of [...items].reverse()) {
        if (wanted.has(post.id)) this.feed.insertBefore(this.made(post), below);
        below = this.cards.get(post.id) ?? below;
      }
      this.arrange();
    }
    this.announce([]);
    const first = this.cards.get(items.find((post) => wanted.has(post.id)).id);
    if (!hadFocus) return;
    first.focus({ preventScroll: true });
    first.scrollIntoView({ block: "center", behavior: isStill() ? "instant" : "smooth" });
  }

  clock() {
    const tick = () => {
      if (document.hidden) return;
      for (const node of this.feed.querySelectorAll("time")) {
        const text = ago(new Date(node.dateTime), this.view);
        if (node.textContent !== text) node.textContent = text;
      }
    };
    const timer = setInterval(tick, MINUTE);
    this.run.signal.addEventListener("abort", () => clearInterval(timer));
  }

  /* The wall: one post at a time */

  rotate(isTurning) {
    clearInterval(this.turning);
    this.isTurning = isTurning;
    this.pause.textContent = isTurning ? this.view.words.pause : this.view.words.play;
    if (!isTurning) return;
    this.turning = setInterval(() => {
      if (!this.feed.matches(":hover") && !this.feed.contains(this.shadowRoot.activeElement)) this.turn(1);
    }, TURN);
  }

  turn(step) {
    const nodes = [...this.feed.children];
    const at = nodes.findIndex((node) => node === this.now);
    this.now = nodes[(Math.max(at, 0) + (at < 0 ? 0 : step) + nodes.length) % nodes.length];
    for (const node of nodes) node.hidden = node !== this.now;
  }

  /* The keys of the feed pattern: https://www.w3.org/WAI/ARIA/apg/patterns/feed/ */

  pressed(event) {
    const node = event.target.closest("article");
    if (!node || event.altKey || event.metaKey) return;
    const { key, ctrlKey, shiftKey } = event;
    let to;
    if (!ctrlKey && !shiftKey && key === "PageDown") to = this.beside(node, 1) ?? (this.more.hidden ? null : this.more);
    else if (!ctrlKey && !shiftKey && key === "PageUp") to = this.beside(node, -1);
    else if (ctrlKey && key === "End") to = this.outside(1);
    else if (ctrlKey && key === "Home") to = this.outside(-1);
    else return;
    event.preventDefault();
    to?.focus();
  }

  beside(node, step) {
    if (!this.isWall) return step > 0 ? node.nextElementSibling : node.previousElementSibling;
    this.turn(step);
    return this.now;
  }

  /* What can be focused next after the feed, or before it: ours, else the host page's. */
  outside(step) {
    const can = "a[href],button,input,select,textarea,summary,iframe,[tabindex]";
    const side = step > 0 ? Node.DOCUMENT_POSITION_FOLLOWING : Node.DOCUMENT_POSITION_PRECEDING;
    const isUsable = (node) => node.tabIndex >= 0 && !node.disabled && node.getClientRects().length;
    const of = (root, from) =>
      [...root.querySelectorAll(can)].filter(
        (node) =>
          isUsable(node) && from.compareDocumentPosition(node) & side && !from.contains(node) && !node.contains(from),
      );
    const own = of(this.shadowRoot, this.feed);
    const found = own.length ? own : of(this.getRootNode(), this);
    return found.at(step > 0 ? 0 : -1) ?? this.shadowRoot.querySelectorAll(".edge")[step > 0 ? 1 : 0];
  }
}

customElements.get("course-feed") ?? customElements.define("course-feed", CourseFeed);
