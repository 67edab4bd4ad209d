"""How the documentation is built: MyST pages, one executed notebook, two generated tables, and autodoc."""

from __future__ import annotations

import sys
from pathlib import Path

from eas_deploy import __version__

sys.path.insert(0, str(Path(__file__).parent))  # for the two extensions in this folder

project = "eas-deploy"
release = __version__
html_show_copyright = False

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "generated", "model_fields"]
exclude_patterns = ["_build", "_generated"]

html_theme = "alabaster"
html_theme_options = {
    "description": "Deploy AI models as Alibaba Cloud PAI-EAS services from Python",
    "fixed_sidebar": True,
    "page_width": "1100px",
}
html_show_sourcelink = False

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

# The quickstart is run anew in every build: a page that has gone wrong breaks it.
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 60
nb_merge_streams = True

autodoc_default_options = {
    "members": True,
    "show-inheritance": True,
    "exclude-members": "model_config, may_choose_machine, place, preset_framework, preset_startup",
}
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented_params"
default_role = "py:obj"
napoleon_use_ivar = True
