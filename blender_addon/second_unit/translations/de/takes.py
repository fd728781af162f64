# SPDX-License-Identifier: GPL-3.0-or-later
"""German: Takes and strips."""

WORDS = {
    "Job": "Auftrag",
    "The daemon's job that made this clip": "Der Auftrag des Daemons, der diesen Clip gemacht hat",
    "Shot ID": "Shot-Kennung",
    "The shot that this clip is a take of": "Der Shot, von dem dieser Clip ein Take ist",
    "Shot": "Shot",
    "Name of the shot when it was shot": "Name des Shots, als er gedreht wurde",
    "Take": "Take",
    "Number of the take": "Nummer des Takes",
    "Engine": "Engine",
    "What made the clip": "Was den Clip gemacht hat",
    "Seed": "Startwert",
    "Seed of the clip": "Startwert des Clips",
    "Prompt": "Prompt",
    "Made": "Gemacht",
    "Took": "Dauerte",
    "Invented": "Erfunden",
    "Like Its Draft": "Wie der Entwurf",
    "Prompt of the clip": "Prompt des Clips",
    "SHA-256": "SHA-256",
    "Content address of the clip file": "Inhaltsadresse der Clipdatei",
    "Provenance": "Herkunft",
    "The whole request and result as JSON": "Die ganze Anforderung und das Ergebnis als JSON",
    "Made Of": "Gemacht aus",
    "The job of the take that this file was made from": "Der Auftrag des Takes, aus dem diese Datei gemacht wurde",
    "Made By": "Gemacht durch",
    "What was done to that take, or to the strip below": "Was mit jenem Take oder dem Streifen darunter gemacht wurde",
    "Follow Clip": "Clip folgen",
    "Keep this sound where its clip is, trimmed as the clip is": (
        "Diesen Ton dort halten, wo sein Clip ist, beschnitten wie der Clip"
    ),
    "Wipe": "Wischblende",
    "Where one take ends and the other begins, across the picture": (
        "Wo ein Take endet und der andere beginnt, quer über das Bild"
    ),
    "Show instead": "Stattdessen zeigen",
    "Lay this take and the chosen one over each other above the edit, with a wipe between, until you press Done": (
        "Diesen Take und den gewählten über dem Schnitt aufeinanderlegen, mit einer Wischblende dazwischen, bis "
        "Sie Fertig drücken"
    ),
    "Compare Takes": "Takes vergleichen",
    "Take the compared takes off the timeline again": "Die verglichenen Takes wieder von der Zeitleiste nehmen",
    "Done": "Fertig",
    "Compare the take with another one of its shot": "Den Take mit einem anderen seines Shots vergleichen",
    "Compare With": "Vergleichen mit",
    "The wipe, beside the picture": "Die Wischblende, neben dem Bild",
    "Compare": "Vergleichen",
    "Other Job": "Anderer Auftrag",
    "Job of the take to the right of the wipe; empty for the shot's newest other one": (
        "Auftrag des Takes rechts der Wischblende; leer für den neuesten anderen des Shots"
    ),
    "The shot has no second take to compare this one with": (
        "Der Shot hat keinen zweiten Take, mit dem dieser verglichen werden könnte"
    ),
    "There is no such take": "Diesen Take gibt es nicht",
    "No takes are being compared": "Es werden keine Takes verglichen",
    "Write what was captured for the take in a form that another program or model reads": (
        "Was für den Take aufgenommen wurde, in einer Form schreiben, die ein anderes Programm oder Modell liest"
    ),
    "Export Take": "Take exportieren",
    "Take finished exports off the panel; their files stay": (
        "Fertige Exporte aus dem Panel nehmen; ihre Dateien bleiben"
    ),
    "Clear Finished Exports": "Fertige Exporte leeren",
    "What was captured for the take, for other programs and models": (
        "Was für den Take aufgenommen wurde, für andere Programme und Modelle"
    ),
    "The take's camera path": "Der Kamerapfad des Takes",
    "Camera Path": "Kamerapfad",
    "End the name in .mp4 for players, or in nothing for a folder of PNG": (
        "Beenden Sie den Namen mit .mp4 für Player oder ohne Endung für einen Ordner mit PNG"
    ),
    "Mark the take as a good one, or take the mark away": (
        "Den Take als gelungen kennzeichnen oder das Zeichen wegnehmen"
    ),
    "Star Take": "Take mit Stern versehen",
    "Give the take a name of your own": "Dem Take einen eigenen Namen geben",
    "Rename Take": "Take umbenennen",
    "Play the take where it is seen in a sequencer's preview; else in a window of its own, over and over till Esc": (
        "Den Take abspielen, wo er in der Vorschau eines Sequenzers zu sehen ist; sonst in einem eigenen Fenster, "
        "immer wieder bis Esc"
    ),
    "The takes lie over each other in the sequencer: open one to see them": (
        "Die Takes liegen im Sequenzer übereinander: öffnen Sie einen, um sie zu sehen"
    ),
    "Play Take": "Take abspielen",
    "Open the folder with the take's files": "Den Ordner mit den Dateien des Takes öffnen",
    "Show Files": "Dateien zeigen",
    (
        'Take it off the list and move its files to the folder "trash" beside them; a strip that shows it goes too; '
        "with Shift without asking"
    ): (
        'Ihn von der Liste nehmen und seine Dateien in den Ordner "trash" daneben verschieben; ein Streifen, der '
        "ihn zeigt, geht mit; mit Umschalt ohne Nachfrage"
    ),
    "Delete Take": "Take löschen",
    "Name": "Name",
    "Name in the list; empty for its number": "Name in der Liste; leer für seine Nummer",
    "The take's clip is not on disk: press Fetch Again": (
        "Der Clip des Takes ist nicht auf der Platte: drücken Sie Erneut holen"
    ),
    "The take has no folder on disk any more": "Der Take hat keinen Ordner mehr auf der Platte",
    "File gone": "Datei fehlt",
    "On the timeline": "Auf der Zeitleiste",
    "Waits for the others": "Wartet auf die anderen",
    "Off timeline": "Nicht auf der Zeitleiste",
    "Put the take on the timeline": "Den Take auf die Zeitleiste legen",
    "Land Take": "Take landen",
    "Show this take on the shot's strip in the sequencer, which keeps its place, handles and effects": (
        "Diesen Take auf dem Streifen des Shots im Sequenzer zeigen; Platz, Anfasser und Effekte des Streifens bleiben"
    ),
    "Swap Onto Strip": "Auf Streifen tauschen",
    "Fetch the take's files from the daemon again": "Die Dateien des Takes erneut vom Daemon holen",
    "Fetch Again": "Erneut holen",
    "Take it off the list; its files and its strip stay": (
        "Ihn von der Liste nehmen; seine Dateien und sein Streifen bleiben"
    ),
    "Remove Take": "Take entfernen",
    "Job of the take; empty for the chosen one": "Auftrag des Takes; leer für den gewählten",
    "There is no take yet: press Shoot": "Es gibt noch keinen Take: drücken Sie Drehen",
    "The timeline has no strip of this shot: land the take instead": (
        "Auf der Zeitleiste liegt kein Streifen dieses Shots: landen Sie stattdessen den Take"
    ),
    "More that can be done with the take": "Was sich mit dem Take noch machen lässt",
    "Active Take": "Aktiver Take",
    "Take that is shown below the list": "Take, der unter der Liste gezeigt wird",
}
