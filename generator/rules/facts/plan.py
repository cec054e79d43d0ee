"""Facts of a plan, a site and a report: what no exam card holds.

Months and days are plain numbers, counted by the calendar.
"""

from __future__ import annotations

from generator.rules.facts.table import ROLES, declare
from generator.vendors.profile import names

SITUATIONS = (
    "first-diagnosis", "no-prior", "new-dmt", "re-baseline", "relapse", "pml-suspected", "intercurrent",
    "screening", "stable",
)  # fmt: skip
RESULTS = ("none", "info", "warning", "error")
REFERENTS = ("neuroradiologist", "mri-technician", "informatics")
REGIONS = ("periventricular", "cortical-juxtacortical", "infratentorial", "cord")
QUESTIONS = ("severity", "treatment_change", "new_symptoms", "pregnancy")
REPORT_FIELDS = ("relapse", "progression", "new_t2", "gd")

_MONTHS = {
    "interval_months": "months between two exams of the plan",
    "months_since_start": "months since the treatment started",
    "drug_delay_months": "months until the drug takes effect, by its label",
    "months_to_next": "months to the next exam",
    "months_after_baseline": "months from the diagnostic baseline to this exam",
    "months_since_dx": "months since the diagnosis",
    "months_since_last_spine": "months since the whole spine was last examined",
    "planned_interval_months": "months between two exams of the spine",
    "treatment_months": "months under the treatment",
    "proposed_months": "interval that is proposed for this patient",
    "default_months": "interval without individual factors",
    "jcv_index": "anti-JCV antibody index",
    "days_scan_before_visit": "days from the scan to the visit; negative if the scan comes after it",
    "new_or_enlarging": "new and enlarging T2 lesions since the reference exam",
    "new_lesions": "new lesions under treatment",
    "planned_doses": "gadolinium injections that the plan implies",
}
_ANSWERS = {
    "stable": "no relapse, no change of treatment, no new lesion",
    "standardized": "this exam and the earlier one follow the same protocol",
    "flair_ok_both": "good 3D FLAIR in this exam and in the earlier one",
    "high_activity": "highly active disease, or a treatment of high risk",
    "spinal_symptoms": "symptoms that point to the spinal cord",
    "pregnancy": "pregnancy, or the wish for one",
    "manual_review": "a clinician decides before anything is scheduled",
    "next_scan_planned": "the plan holds a next exam",
    "serology_scheduled": "an antibody test goes with the exam",
    "flag": "the report flags the count of new lesions",
    "clinical_workflow": "the scanner runs in ordinary clinical work",
    "consent_written": "written consent to collect and use the data",
    "prior_in_pacs": "the earlier exam can be opened beside this one",
}

for _name, _description in _MONTHS.items():
    declare(_name, "plan", float, _description)
for _name, _description in _ANSWERS.items():
    declare(_name, "plan", bool, _description)

declare("situation", "plan", str, "why the exam is made", choices=SITUATIONS)
declare("jcv_status", "plan", str, "anti-JCV serology", choices=("positive", "negative"))
declare("course", "plan", str, "course of the disease", choices=("rrms", "spms", "ppms", "cis"))
declare("asked", "plan", str, "what is asked before an interval is proposed", many=True, choices=QUESTIONS)
declare("accepted_by", "plan", str, "who accepted a lower signal")
declare("scan_month", "plan", str, "year and month of an exam: 2019-05")
declare("added_reason", "plan", str, "why gadolinium is added to a card without it")
declare("referents", "site", str, "named persons of the site", many=True, choices=REFERENTS)
declare("snr_checked_by", "site", str, "who answers for the image quality")
declare("readable_regions", "reading", str, "regions that can be read", many=True, choices=REGIONS)
declare("report_fields", "reading", str, "parts of the report", many=True, choices=REPORT_FIELDS)
declare("renderers", "program", str, "vendors the program writes for", many=True, choices=names())
declare("unknown_role_result", "program", str, "what a scan outside the list leads to", choices=RESULTS)
declare("missing_optional_result", "program", str, "what a missing optional scan leads to", choices=RESULTS)
declare("missing_swi_result", "program", str, "what a missing SWI leads to elsewhere", choices=RESULTS)
declare(
    "required_roles", "program", str, "what the program requires of a follow-up", many=True, choices=ROLES
)
declare("knowing_guidelines", "program", int, "guidelines that know the kind and the region of the exam")
declare("comparisons", "program", int, "comparisons made with the rules of a guideline")
declare("counterparts", "program", int, "scans that have a counterpart in the earlier exam")
declare("accepted_findings", "program", int, "findings that a suppression accepts")
declare("suppression_reason", "program", str, "why a finding is accepted")
declare("evidence_note", "program", str, "the remark on the standing of the source")
