// Counts in before a recording and plays a click while it lasts, at the tempo in the field beside the button.
const typebeatOwn = (() => {
  const BEATS = 4; // counted in, and of a bar
  let context = null;
  let timer = null;

  function stop() {
    clearInterval(timer);
    timer = null;
  }

  function click(isFirst) {
    const tone = context.createOscillator();
    const level = context.createGain();
    tone.frequency.value = isFirst ? 1600 : 1100;
    level.gain.setValueAtTime(0.25, context.currentTime);
    level.gain.exponentialRampToValueAtTime(0.001, context.currentTime + 0.06);
    tone.connect(level).connect(context.destination);
    tone.start();
    tone.stop(context.currentTime + 0.07);
  }

  async function count(root) {
    const told = root.querySelector("[role=status]");
    const bpm = Math.min(200, Math.max(50, Number(root.querySelector("input").value) || 90));
    stop();
    try {
      (await navigator.mediaDevices.getUserMedia({ audio: true })).getTracks().forEach((track) => track.stop());
    } catch {
      told.textContent = "The microphone was refused: allow it beside the address, or upload a recording.";
      return;
    }
    const tempo = document.querySelector("#reference-bpm textarea, #reference-bpm input");
    if (tempo) { // what is hummed to a click has its tempo
      tempo.value = String(bpm);
      tempo.dispatchEvent(new Event("input", { bubbles: true }));
    }
    context ??= new AudioContext();
    await context.resume();
    let beat = 0;
    const recorder = document.getElementById("own-hum");
    const tick = () => {
      const isRecording = beat >= BEATS;
      if (isRecording && beat > BEATS + 1 && !recorder.querySelector(".stop-button, .stop-button-paused")) {
        stop();
        told.textContent = "";
        return;
      }
      click(beat % BEATS === 0);
      if (beat === BEATS) recorder.querySelector(".record-button")?.click();
      told.textContent = isRecording ? "Recording: hum now" : String(beat + 1);
      beat += 1;
    };
    tick();
    timer = setInterval(tick, 60000 / bpm);
  }

  // the parts that were chosen for voices of a MIDI file, such as 3=melody,5=none
  const voices = () => [...document.querySelectorAll("#own-heard [data-said]")].map((each) => `${each.dataset.voice}=${each.value}`).join(",");

  return { count, stop, voices };
})();
window.typebeatOwn = typebeatOwn;
