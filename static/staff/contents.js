// Turns the sections of a campaign's contents into one tab for each language, and adds languages without
// leaving the page. Everything also works without this file: sections one below the other, a link to add one.
(() => {
  "use strict";

  const REMEMBERED = `contents:${window.location.pathname}`;

  class Contents {
    constructor(root) {
      this.root = root;
      this.holder = root.querySelector(".contents-sections");
      this.total = root.querySelector(`[name="${root.dataset.prefix}-TOTAL_FORMS"]`);
      this.empty = root.querySelector("template[data-empty]");
      this.tabs = document.createElement("div");
      this.tabs.className = "contents-tabs";
      this.tabs.setAttribute("role", "tablist");
      this.tabs.addEventListener("keydown", (event) => this.move(event));
      this.holder.before(this.tabs);
      root.dataset.enhanced = "";
      this.sections().forEach((section) => this.adopt(section));
      this.select(this.first(), { focus: false });
      this.listen();
    }

    sections() {
      return [...this.holder.querySelectorAll(":scope > [data-content]")];
    }

    first() {
      const sections = this.sections();
      const remembered = window.sessionStorage.getItem(REMEMBERED);
      return (
        sections.find((section) => "wrong" in section.dataset) ||
        sections.find((section) => !("saved" in section.dataset) && window.location.search.includes("language=")) ||
        sections.find((section) => section.dataset.code === remembered) ||
        sections[0]
      );
    }

    listen() {
      const form = document.getElementById("add-language");
      form?.addEventListener("submit", (event) => {
        event.preventDefault();
        const input = document.getElementById("add-language-code");
        this.add(input.value.trim());
        input.value = "";
      });
      this.root.querySelectorAll("[data-language]").forEach((link) =>
        link.addEventListener("click", (event) => {
          event.preventDefault();
          this.add(link.dataset.language, link.textContent.split("·")[0].trim());
          link.remove();
        }),
      );
      document.querySelectorAll("[data-write]").forEach((link) =>
        link.addEventListener("click", (event) => {
          if (!this.empty) return;
          event.preventDefault();
          this.add(link.dataset.write, link.dataset.name);
          this.root.scrollIntoView({ behavior: "smooth" });
        }),
      );
    }

    adopt(section) {
      const tab = document.createElement("button");
      tab.type = "button";
      tab.className = "contents-tab";
      tab.id = `tab-${section.dataset.index}`;
      tab.setAttribute("role", "tab");
      section.id = section.id || `panel-${section.dataset.index}`;
      tab.setAttribute("aria-controls", section.id);
      section.setAttribute("role", "tabpanel");
      section.setAttribute("aria-labelledby", tab.id);
      section.tab = tab;
      tab.section = section;
      this.label(section);
      tab.addEventListener("click", () => this.select(section, { focus: false }));
      this.tabs.append(tab);
      this.follow(section);
    }

    follow(section) {
      const remove = section.querySelector(".content-remove input");
      const mark = () => section.tab.classList.toggle("is-removed", Boolean(remove?.checked));
      remove?.addEventListener("change", mark);
      mark();
      const code = section.querySelector('[name$="-language"]');
      code?.addEventListener("input", () => {
        if (section.dataset.code !== code.value) section.dataset.name = code.value;
        section.dataset.code = code.value;
        this.label(section);
      });
      const discard = section.querySelector("[data-discard]");
      if (discard) discard.hidden = false;
      discard?.addEventListener("click", () => this.discard(section));
      section.querySelectorAll("[data-count]").forEach(count);
    }

    label(section) {
      const code = document.createElement("span");
      code.className = "contents-tab-code";
      code.textContent = section.dataset.code;
      section.tab.replaceChildren(section.dataset.name || "…", " ", code);
      if ("wrong" in section.dataset) section.tab.classList.add("is-wrong");
    }

    select(section, { focus = true } = {}) {
      if (!section) return;
      this.sections().forEach((other) => {
        const chosen = other === section;
        other.hidden = !chosen;
        other.tab.setAttribute("aria-selected", String(chosen));
        other.tab.tabIndex = chosen ? 0 : -1;
      });
      if (focus) section.tab.focus();
      window.sessionStorage.setItem(REMEMBERED, section.dataset.code || "");
    }

    move(event) {
      const sections = this.sections();
      const at = sections.indexOf(document.activeElement.section);
      const forward = getComputedStyle(this.root).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
      const backward = forward === "ArrowLeft" ? "ArrowRight" : "ArrowLeft";
      const goals = { [forward]: at + 1, [backward]: at - 1, Home: 0, End: sections.length - 1 };
      if (!(event.key in goals) || at < 0) return;
      event.preventDefault();
      this.select(sections[(goals[event.key] + sections.length) % sections.length]);
    }

    add(written, name) {
      if (!this.empty || !written) return;
      const code = canonical(written);
      const known = this.sections().find((section) => section.dataset.code.toLowerCase() === code.toLowerCase());
      if (known) {
        this.select(known);
        return;
      }
      const index = Number(this.total.value);
      const holder = document.createElement("div");
      holder.innerHTML = this.empty.innerHTML.replaceAll("__prefix__", String(index));
      const section = holder.firstElementChild;
      section.dataset.code = code;
      section.dataset.name = name || nameOf(code);
      section.querySelector(".content-name").textContent = section.dataset.name;
      section.querySelector('[name$="-language"]').value = code;
      this.turn(section, code);
      this.root.querySelector(".contents-nothing")?.remove();
      this.holder.append(section);
      this.total.value = String(index + 1);
      this.adopt(section);
      this.select(section, { focus: false });
      const detail = { formsetName: this.root.dataset.prefix };
      section.dispatchEvent(new CustomEvent("formset:added", { bubbles: true, detail }));
      section.querySelector('[name$="-subject"]').focus();
    }

    turn(section, code) {
      const area = section.querySelector("textarea[data-mce-conf]");
      const settings = JSON.parse(area.dataset.mceConf);
      settings.directionality = isRightToLeft(code) ? "rtl" : "ltr";
      area.dataset.mceConf = JSON.stringify(settings);
      section.querySelectorAll("[data-written]").forEach((field) => {
        field.dir = settings.directionality;
        field.lang = code;
      });
    }

    discard(section) {
      const area = section.querySelector("textarea.tinymce");
      window.tinymce?.get(area.id)?.remove();
      const sections = this.sections();
      const next = sections[sections.indexOf(section) - 1] || sections[1];
      section.tab.remove();
      section.remove();
      this.select(next);
    }
  }

  // What the browser does not take for a language, the server judges when the page is saved.
  const canonical = (code) => {
    try {
      return Intl.getCanonicalLocales(code.replaceAll("_", "-"))[0];
    } catch {
      return code;
    }
  };

  const nameOf = (code) => {
    try {
      return new Intl.DisplayNames([document.documentElement.lang], { type: "language" }).of(code);
    } catch {
      return code;
    }
  };

  const isRightToLeft = (code) => {
    try {
      const locale = new Intl.Locale(code).maximize();
      return ["Arab", "Hebr", "Thaa", "Syrc", "Nkoo", "Adlm", "Rohg"].includes(locale.script);
    } catch {
      return false;
    }
  };

  const count = (field) => {
    const best = Number(field.dataset.count);
    const shown = document.createElement("span");
    shown.className = "content-count";
    shown.dir = "ltr";
    const update = () => {
      const length = [...field.value].length;
      shown.textContent = `${length} / ${best}`;
      shown.classList.toggle("is-long", length > best);
    };
    field.addEventListener("input", update);
    field.closest(".content-field").querySelector("label").append(shown);
    update();
  };

  document.addEventListener("DOMContentLoaded", () => {
    const root = document.querySelector("[data-contents]");
    if (root && root.querySelector(".contents-sections")) new Contents(root);
  });
})();
