// The end of a day in the browser's time zone. A form with a field marked data-end-date is sent with how many minutes
// the zone is behind UTC at the end of that day, which depends on summer time.

export function watchEndDates() {
  document.addEventListener("formdata", (event) => {
    const field = event.target.querySelector("[data-end-date]");
    if (field) event.formData.set("end_offset", offsetAtEnd(field.value));
  });
}

// nameTimeZone names the zone in the field's hint, which without scripts says UTC.
export function nameTimeZone(root) {
  const hint = root.querySelector("[data-end-date] ~ .hint");
  if (!hint) return;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  hint.textContent = "The key ends at the end of this day in your time zone" + (zone ? ", " + zone + "." : ".");
}

// offsetAtEnd returns 0 for what is no date. Where summer time begins at midnight, a day begins at 01:00: so the two
// moments are subtracted, and the offset of neither is asked for.
function offsetAtEnd(date) {
  const [year, month, day] = date.split("-").map(Number);
  return Math.round((new Date(year, month - 1, day + 1) - Date.UTC(year, month - 1, day + 1)) / 60000) || 0;
}
