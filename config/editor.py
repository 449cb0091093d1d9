"""How TinyMCE treats what authors write: it keeps addresses, template tags and entities as they are."""

TINYMCE: dict[str, object] = {
    "license_key": "gpl",
    "promotion": False,
    "branding": False,
    "menubar": False,
    "plugins": "advlist autolink code directionality image link lists table visualblocks wordcount",
    "toolbar": (
        "undo redo | mergefields | blocks | bold italic underline forecolor | alignleft aligncenter alignright | "
        "bullist numlist | link image table | ltr rtl | removeformat visualblocks code"
    ),
    "height": 560,
    "width": "100%",
    "convert_urls": False,
    "relative_urls": False,
    "remove_script_host": False,
    "entity_encoding": "raw",
    "verify_html": True,
    # A toolbar that overflows into a menu measures itself, and measures nothing in a tab that is hidden.
    "toolbar_mode": "wrap",
    "contextmenu": False,
    "browser_spellcheck": True,
    # static/staff/editor.js defines it: the menu of merge fields and what else JSON cannot say.
    "setup": "broadsheetEditor",
}
