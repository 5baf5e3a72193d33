/* Asks a person's key where a form says so, and posts what it answers. Served as a plain script, behind the library that it uses. */
(() => {
  const { startAuthentication, startRegistration, browserSupportsWebAuthn } = globalThis.SimpleWebAuthnBrowser;
  /** A browser that wants a click first refuses sooner than anybody could: that is nobody's trouble. */
  const tooSoon = 1_000;

  /** Key of the words, by what the browser says; it does not tell a person who cancelled from a key that is not theirs. */
  const troubleOf = ({ name }, isLate) => {
    if (name === 'NotAllowedError') return isLate ? 'late' : 'cancelled';
    return name === 'InvalidStateError' ? 'known' : 'failed';
  };

  for (const form of document.querySelectorAll('form[data-webauthn]')) {
    const { webauthn: kind, options, automatic } = form.dataset;
    const optionsJSON = JSON.parse(options);
    const button = form.querySelector('[data-start]');
    const waiting = form.querySelector('[data-waiting]');
    const notice = form.querySelector('[data-troubles]');

    const tell = (trouble, error = '') => {
      notice.hidden = trouble === undefined;
      for (const one of notice.querySelectorAll('[data-trouble]')) one.hidden = one.dataset.trouble !== trouble;
      notice.querySelector('[data-error]').textContent = error;
    };
    const wait = (isWaiting) => {
      button.disabled = isWaiting;
      waiting.hidden = !isWaiting;
    };

    const start = async (isAsked) => {
      if (isAsked && !form.reportValidity()) return;
      const begun = Date.now();
      tell(undefined);
      wait(true);
      try {
        const answer = await (kind === 'create' ? startRegistration({ optionsJSON }) : startAuthentication({ optionsJSON }));
        form.elements.namedItem('response').value = JSON.stringify(answer);
        form.submit();
      } catch (error) {
        wait(false);
        button.focus();
        const took = Date.now() - begun;
        const trouble = troubleOf(error, took >= (optionsJSON.timeout ?? Infinity) - tooSoon);
        if (isAsked || trouble !== 'cancelled' || took >= tooSoon) tell(trouble, error.name);
      }
    };

    form.querySelector('[data-without]').hidden = true;
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (!button.disabled) void start(true);
    });
    // Whoever comes back to the page finds a question that was answered.
    addEventListener('pageshow', ({ persisted }) => {
      if (persisted) location.reload();
    });
    if (!browserSupportsWebAuthn()) {
      tell('unsupported');
      continue;
    }
    button.disabled = false;
    // Where a key is set up, its name comes first.
    if (kind === 'get') button.focus();
    if (automatic !== undefined) void start(false);
  }
})();
