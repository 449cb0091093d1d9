"""How TinyMCE treats what authors write: it keeps addresses, template tags and entities as they are."""

TINYMCE: dict[str, object] = {
    "license_key": "gpl",
    "promotion": False,
    "branding": False,
    "menubar": False,
    "plugins": "advlist autolink code directionality image link lists table visualblocks wordcount",
    "toolbar": (
        "undo redo | blocks | bold italic underline forecolor | alignleft aligncenter alignright | "
        "bullist numlist | link image table | ltr rtl | removeformat visualblocks code"
    ),
    "height": 560,
    "width": "100%",
    "convert_urls": False,
    "relative_urls": False,
    "remove_script_host": False,
    "entity_encoding": "raw",
    "verify_html": True,
}
