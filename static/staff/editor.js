// What the settings of the editor cannot say as JSON: which template tags it must never move, the menu of
// merge fields, and the look in a dark admin. Loaded between TinyMCE and the code that starts it.
(() => {
  "use strict";

  // Between the parts of a table or a list no text is allowed, so the editor would throw a condition on rows
  // out of its table. Tags in those places become comments while the text is edited; all others stay visible.
  const opened =
    "<(?:table|thead|tbody|tfoot|tr|ul|ol|dl)\\b[^>]*>|</(?:caption|colgroup|thead|tbody|tfoot|tr|td|th|li|dt|dd)>";
  const next = "</(?:table|thead|tbody|tfoot|tr|ul|ol|dl)>|<(?:caption|colgroup|thead|tbody|tfoot|tr|td|th|li|dt|dd)\\b";
  const tags = "(?:\\{%[\\s\\S]*?%\\}\\s*)+";
  const isDark = () => document.documentElement.classList.contains("dark");

  // The admin knows its theme only when the page is read; this listener stands before the one that starts editors.
  document.addEventListener("DOMContentLoaded", () => {
    window.tinymce.overrideDefaults({
      protect: [new RegExp(`(?<=(?:${opened})\\s*)${tags}`, "gi"), new RegExp(`${tags}(?=${next})`, "gi")],
      skin: isDark() ? "oxide-dark" : "oxide",
      body_class: isDark() ? "dark" : "light",
    });
  });

  const insertField = (editor, field) => {
    const fallback = field.fallback.replaceAll('"', "");
    editor.insertContent(editor.dom.encode(fallback ? `{{ ${field.name}|default:"${fallback}" }}` : `{{ ${field.name} }}`));
  };

  const wrapInCondition = (editor, field) => {
    const chosen = editor.selection.getContent() || "…";
    editor.insertContent(`{% if ${field.name} %}${chosen}{% endif %}`);
  };

  window.broadsheetEditor = (editor) => {
    editor.options.register("merge_fields", { processor: "object[]", default: [] });
    editor.options.register("merge_words", { processor: "object", default: {} });
    const fields = editor.options.get("merge_fields");
    const labels = editor.options.get("merge_words");
    const entry = (act) => (field) => ({
      type: "menuitem",
      text: field.label,
      shortcut: `{{ ${field.name} }}`,
      onAction: () => act(editor, field),
    });
    editor.ui.registry.addMenuButton("mergefields", {
      text: labels.button,
      tooltip: labels.button,
      fetch: (done) =>
        done([
          ...fields.map(entry(insertField)),
          { type: "separator" },
          {
            type: "nestedmenuitem",
            text: labels.condition,
            getSubmenuItems: () => fields.map(entry(wrapInCondition)),
          },
        ]),
    });
    // The form asks before it is left with changes; it only sees the textarea.
    editor.on("change input undo redo", () => {
      editor.save();
      editor.getElement().dispatchEvent(new Event("change", { bubbles: true }));
    });
  };
})();
